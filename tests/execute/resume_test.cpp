// Taking up a run: what its databases say, what nobody knows, what has crashed too often.

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/doubles/engine_story.h"

namespace drydock {
namespace {

using run::RunStatus;
using run::StepStatus;

constexpr const char* kTwoWrites = R"yaml(runbook: demo
connections: {app: {sqlite: app.db}}
steps:
  - {id: one, lua: 'connections.app:exec("insert into log values (1)")'}
  - {id: two, lua: 'check(connections.app:value("select count(*) from ready") > 0, "not ready")', effect: read}
  - {id: three, lua: 'connections.app:exec("insert into log values (3)")'}
)yaml";

class Resume : public testing::Test {
  protected:
    EngineStory story_;

    void SetUp() override { story_.sql("app.db", "create table log (x); create table ready (x)"); }
    void stop_at_two() { EXPECT_EQ(story_.start(kTwoWrites).exit, 1); }
    void make_ready() { story_.sql("app.db", "insert into ready values (1)"); }
    ErrorCode refused() {
        try {
            story_.go_on();
        } catch (const Error& error) {
            return error.code();
        }
        return ErrorCode::Lua;
    }
    void copy(const std::string& from, const std::string& to) {
        std::filesystem::copy_file(story_.folder.file(from), story_.folder.file(to),
                                   std::filesystem::copy_options::overwrite_existing);
    }
};

TEST_F(Resume, RefusesAJournalThatIsBehindItsTarget) {
    stop_at_two();
    for (const char* part : {"journal.db", "journal.db-wal"})
        copy(part, std::string(part) + ".old");
    make_ready();
    EXPECT_EQ(story_.go_on().status, RunStatus::Succeeded);
    for (const char* part : {"journal.db", "journal.db-wal"})
        copy(std::string(part) + ".old", part);
    std::filesystem::remove(story_.folder.file("journal.db-shm"));
    const std::int64_t seq = story_.load().state.seq();
    EXPECT_EQ(refused(), ErrorCode::Integrity);
    EXPECT_EQ(story_.load().state.seq(), seq);  // nothing appended
    EXPECT_EQ(story_.ask("app.db", "select count(*) from log"), Value(2));
}

TEST_F(Resume, StopsForTheOperatorWhenAnotherDatabaseStandsThere) {
    stop_at_two();
    copy("app.db", "other.db");
    std::filesystem::rename(story_.folder.file("other.db"), story_.folder.file("app.db"));
    make_ready();
    const auto finished = story_.go_on();
    EXPECT_EQ(finished.exit, 4);
    EXPECT_EQ(story_.status("three"), StepStatus::Pending);
    EXPECT_EQ(story_.ask("app.db", "select count(*) from log"), Value(1));
}

TEST_F(Resume, StopsForTheOperatorWhenAReceiptIsGone) {
    stop_at_two();
    story_.sql("app.db", "delete from drydock_receipts; delete from log");
    make_ready();
    EXPECT_EQ(story_.go_on().exit, 4);
    EXPECT_EQ(story_.status("three"), StepStatus::Pending);
}

TEST_F(Resume, RefusesARunWhoseSecretIsGone) {
    story_.variables["TOKEN"] = "a-secret-text";
    EXPECT_EQ(story_.start("runbook: demo\nsecrets: {token: {env: TOKEN}}\n"
                           "steps: [{id: a, lua: fail(\"no\"), effect: read}]\n").exit, 1);
    story_.variables.clear();
    const std::int64_t seq = story_.load().state.seq();
    EXPECT_EQ(refused(), ErrorCode::Document);
    EXPECT_EQ(story_.load().state.seq(), seq);
}

constexpr const char* kDoubtful = R"yaml(runbook: demo
commands: [/bin/sh]
steps:
  - id: call
    lua: |
      command{"/bin/sh", "-c", "while true; do read x < /dev/zero; done"}
      return {n = 1}
    returns: {n: integer}
    timeout: 300ms
  - {id: after, lua: 'return {n = (steps.call.n or 0) + 1}', effect: read, returns: {n: integer}}
)yaml";

TEST_F(Resume, AsksWhatBecameOfAProgramThatWasKilled) {
    story_.clock = &system_clock();
    EXPECT_EQ(story_.start(kDoubtful).exit, 4);
    EXPECT_EQ(story_.status("call"), StepStatus::Unknown);
    // Nobody guesses, however often it is taken up, and nobody undoes what is not known.
    EXPECT_EQ(story_.go_on().exit, 4);
    EXPECT_THROW(story_.undo(), Error);
    const auto finished = story_.settle("call", run::Verdict::Applied, Value::Map{{"n", 41}});
    EXPECT_EQ(finished.status, RunStatus::Succeeded);
    EXPECT_EQ(story_.output("after", "n"), Value(42));
}

TEST_F(Resume, GoesOnWithoutAStepThatIsSkipped) {
    story_.clock = &system_clock();
    EXPECT_EQ(story_.start(kDoubtful).exit, 4);
    EXPECT_EQ(story_.settle("call", run::Verdict::Skip).status, RunStatus::Succeeded);
    EXPECT_EQ(story_.output("after", "n"), Value(1));
}

TEST_F(Resume, DecidesByTheProbeWhetherAProgramHasDoneItsWork) {
    story_.clock = &system_clock();
    std::filesystem::create_directory(story_.folder.file("out"));
    const std::string yaml = R"yaml(runbook: demo
files: [out]
commands: [/bin/sh]
params: {folder: path}
steps:
  - id: call
    lua: |
      command{"/bin/sh", "-c", "echo done > " .. params.folder .. "/mark; while true; do read x < /dev/zero; done"}
    timeout: 500ms
    probe: {lua: 'return fs.exists("out/mark"), {said = fs.read("out/mark")}'}
    returns: {said: string}
)yaml";
    const auto finished = story_.start(yaml, {{"folder", story_.folder.file("out")}});
    EXPECT_EQ(finished.status, RunStatus::Succeeded) << story_.error_of("call");
    EXPECT_EQ(story_.output("call", "said"), Value("done\n"));
}

// A request of another process reaches the owner between two steps.
TEST_F(Resume, ObeysACancelThatWaitsInTheJournal) {
    stop_at_two();
    {
        EngineStory::Open open = story_.opened();
        const std::int64_t n = open.journal->find(story_.last_run, 1).at(0).n;
        open.journal->submit(execute::to_request(execute::CancelRequest{.reason = "enough"}, "r1",
                                                 n, "uid:1001/ben", 1));
    }
    make_ready();
    EXPECT_EQ(story_.go_on().exit, 6);
    EXPECT_EQ(story_.status("three"), StepStatus::Pending);
}

}  // namespace
}  // namespace drydock
