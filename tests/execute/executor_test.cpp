#include "engine/execute/executor.h"

#include <gtest/gtest.h>

#include "tests/doubles/engine_story.h"

namespace drydock {
namespace {

using run::RunStatus;
using run::StepStatus;

std::string digest_of(EngineStory& story, const execute::StartOptions& options) {
    EngineStory::Open open = story.opened();
    return execute::preview(open.engine, options).digest;
}

TEST(Executor, RunsStepsInOrderAndRecordsTheirOutputs) {
    EngineStory story;
    const auto finished = story.start(R"yaml(runbook: demo
params: {size: {type: integer, default: 3}}
steps:
  - id: first
    lua: return {twice = 2 * params.size}
    effect: read
    returns: {twice: integer}
  - id: second
    when: steps.first.twice > 100
    lua: return nil
    effect: read
  - id: third
    lua: return {text = "n=" .. steps.first.twice .. " " .. steps.second.status}
    effect: read
    returns: {text: string}
outputs:
  answer: "${steps.third.text}"
)yaml");
    EXPECT_EQ(finished.status, RunStatus::Succeeded);
    EXPECT_EQ(finished.exit, 0);
    EXPECT_EQ(story.output("third", "text"), Value("n=6 skipped"));
    EXPECT_EQ(story.load().state.outputs().at("answer"), Value("n=6 skipped"));
}

TEST(Executor, WritesOneCommitPerBoundary) {
    EngineStory story;
    story.start(R"yaml(runbook: demo
steps:
  - {id: a, lua: return nil, effect: read}
  - {id: b, lua: return nil, effect: read}
)yaml");
    EXPECT_EQ(story.observer.kinds,
              (std::vector<std::string>{"RunCreated", "RunClaimed", "StepStarted do/a",
                                        "StepFinished do/a", "StepStarted do/b",
                                        "StepFinished do/b", "PhaseBegan", "RunEnded"}));
}

TEST(Executor, StopsAtAFailureAndGoesOnFromThere) {
    EngineStory story;
    const std::string yaml = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: one
    lua: connections.app:exec("insert into log values ('one')")
  - id: two
    lua: |
      local ready = connections.app:value("select count(*) from ready")
      check(ready > 0, "not ready: %d", ready)
  - id: three
    lua: connections.app:exec("insert into log values ('three')")
)yaml";
    story.sql("app.db", "create table log (x text); create table ready (x)");
    const auto stopped = story.start(yaml);
    EXPECT_EQ(stopped.status, RunStatus::Suspended);
    EXPECT_EQ(stopped.exit, 1);
    EXPECT_EQ(story.error_of("two"), "not ready: 0");
    story.sql("app.db", "insert into ready values (1)");
    EXPECT_EQ(story.go_on().status, RunStatus::Succeeded);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from log"), Value("one,three"));
}

TEST(Executor, EndsOrUndoesAsTheRunbookSays) {
    EngineStory story;
    const auto ended = story.start(R"yaml(runbook: demo
on_failure: end
steps: [{id: a, lua: fail("no"), effect: read}, {id: b, lua: return nil, effect: read}]
finally: [{id: last, lua: 'log.info("status " .. run.status)', effect: read}]
)yaml");
    EXPECT_EQ(ended.status, RunStatus::Failed);
    EXPECT_EQ(ended.exit, 1);
    EXPECT_EQ(story.status("b"), StepStatus::Pending);
    EXPECT_EQ(story.observer.lines.back(), "fin1/last: status failed");
}

TEST(Executor, GoesOnAfterAFailureThatMayHappen) {
    EngineStory story;
    const auto finished = story.start(R"yaml(runbook: demo
steps:
  - {id: a, lua: fail("no"), effect: read, on_failure: continue}
  - {id: b, lua: 'return {was = steps.a.status, why = steps.a.error}', effect: read, returns: {was: string, why: string}}
)yaml");
    EXPECT_EQ(finished.status, RunStatus::Succeeded);
    EXPECT_EQ(story.output("b", "was"), Value("failed"));
    EXPECT_TRUE(to_text(story.output("b", "why")).ends_with(": no"));
}

TEST(Executor, RetriesWithPausesUntilItHolds) {
    EngineStory story;
    story.sql("app.db", "create table tries (x)");
    const auto finished = story.start(R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: a
    lua: |
      local n = connections.app:value("select count(*) from tries")
      connections.app:transaction{key = "try" .. n, function() connections.app:exec("insert into tries values (1)") end}
      check(n >= 3, "only %d", n)
    retry: {times: 5, every: 2s, up_to: 5s}
)yaml");
    EXPECT_EQ(finished.status, RunStatus::Succeeded);
    Microseconds slept{0};
    for (const Microseconds sleep : story.manual_clock.sleeps()) slept += sleep;
    EXPECT_EQ(slept, std::chrono::seconds(2 + 4 + 5));
}

TEST(Executor, NeverRetriesAMistakeInTheScript) {
    EngineStory story;
    const auto finished = story.start(R"yaml(runbook: demo
steps: [{id: a, lua: local x = nil; return x.y, effect: read, retry: {times: 9}}]
)yaml");
    EXPECT_EQ(finished.exit, 1);
    EXPECT_TRUE(story.manual_clock.sleeps().empty());
}

TEST(Executor, RunsEachItemOnceAndResumesAtTheFailedOne) {
    EngineStory story;
    story.sql("app.db", "create table done (x); create table ready (x)");
    const std::string yaml = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - id: each
    foreach: [3, 1, 2]
    lua: |
      if item == 1 then check(connections.app:value("select count(*) from ready") > 0, "not ready") end
      connections.app:exec("insert into done values (?1)", item)
      return {name = index .. ":" .. item}
    returns: {name: string}
  - id: sum
    lua: |
      local all = {}
      for i, one in ipairs(steps.each.items) do all[i] = one.name end
      return {all = table.concat(all, " ")}
    effect: read
    returns: {all: string}
)yaml";
    EXPECT_EQ(story.start(yaml).exit, 1);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from done"), Value("3"));
    story.sql("app.db", "insert into ready values (1)");
    EXPECT_EQ(story.go_on().status, RunStatus::Succeeded);
    EXPECT_EQ(story.ask("app.db", "select group_concat(x) from done"), Value("3,1,2"));
    EXPECT_EQ(story.output("sum", "all"), Value("1:3 2:1 3:2"));
}

TEST(Executor, RefusesAHeldLockBeforeAnythingIsWritten) {
    EngineStory story;
    story.sql("app.db", "create table t (x)");
    const std::string yaml = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps: [{id: a, lua: fail("stay"), effect: read}]
)yaml";
    EXPECT_EQ(story.start(yaml).exit, 1);  // stopped: keeps its lock
    const std::string first = story.last_run;
    try {
        story.start(yaml);
        FAIL() << "the second run started";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Refused);
        EXPECT_NE(error.message().find(first.substr(0, 8)), std::string::npos) << error.message();
        EXPECT_TRUE(error.message().starts_with("connection app (/")) << error.message();
        EXPECT_NE(error.message().find("app.db) is locked by run"), std::string::npos);
    }
    EXPECT_EQ(story.opened().journal->list({}).size(), 1U);
    story.last_run = first;
    EXPECT_EQ(story.cancel().exit, 6);
    EXPECT_EQ(story.start(yaml).exit, 1);  // free again
}

TEST(Executor, RefusesAPlanThatIsNotTheOneApproved) {
    EngineStory story;
    story.write("book.yaml", "runbook: demo\nsteps: [{id: a, lua: return nil, effect: read}]\n");
    execute::StartOptions options = story.options({});
    const std::string digest = digest_of(story, options);
    options.require_plan = "00" + digest.substr(2, 10);
    if (options.require_plan == digest.substr(0, 12)) options.require_plan[0] = '1';
    EXPECT_THROW(story.start_options(options), Error);
    options.require_plan = digest.substr(0, 12);
    EXPECT_EQ(story.start_options(options).status, RunStatus::Succeeded);
}

TEST(Executor, UsesTheFrozenTextWhenItIsResumed) {
    EngineStory story;
    EXPECT_EQ(
        story.start("runbook: demo\nsteps: [{id: a, lua: fail(\"first text\"), effect: read}]\n")
            .exit,
        1);
    story.write("book.yaml", "runbook: other\nsteps: []\n");
    EXPECT_EQ(story.go_on().exit, 1);
    EXPECT_EQ(story.error_of("a"), "first text");
}

TEST(Executor, RefusesToResumeWhatHasEnded) {
    EngineStory story;
    story.start("runbook: demo\nsteps: [{id: a, lua: return nil, effect: read}]\n");
    try {
        story.go_on();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Refused);
    }
}

TEST(Executor, FailsAStepThatTakesTooLong) {
    EngineStory story;
    story.clock = &system_clock();
    const auto finished = story.start(R"yaml(runbook: demo
steps: [{id: a, lua: while true do pcall(function() end) end, effect: read, timeout: 200ms}]
)yaml");
    EXPECT_EQ(finished.exit, 1);
    EXPECT_EQ(story.error_of("a"), "took longer than its timeout");
}

}  // namespace
}  // namespace drydock
