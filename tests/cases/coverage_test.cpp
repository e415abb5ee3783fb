#include "engine/cases/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;

constexpr const char* kBook = R"yaml(runbook: book
commands: [mail]
params: {database: path, rows: {type: integer, default: 1}}
connections: {app: {sqlite: "${params.database}"}}
on_failure: undo
steps:
  - {id: ready, gate: {prompt: Go}, timeout: 1h}
  - id: fill
    when: params.rows > 0
    lua: connections.app:exec("insert into t values (1)")
    undo: {lua: 'connections.app:exec("delete from t")'}
  - id: send
    lua: command{"mail"}
    probe: {lua: "return false"}
  - {id: judge, lua: 'check(params.rows < 5, "too many")', effect: read}
finally:
  - {id: close, lua: "return nil", effect: read, on_failure: continue}
)yaml";

// What the case has not been to.
Lines never(const std::string& rest) {
    CaseStory story;
    const CaseResult result =
        story.play(kBook,
                   "cases: book.yaml\nconnections: {app: {sql: create table t (a integer)}}\n"
                   "answers: [{command: [mail]}]\nlist:\n  - case: it\n" +
                       rest);
    EXPECT_TRUE(result.failures.empty());
    Lines lines;
    for (const Coverage::Branch& branch : story.covered) {
        if (branch.times == 0)
            lines.push_back(branch.step + (branch.step.empty() ? "" : ": ") + branch.what);
    }
    return lines;
}

TEST(Coverage, NamesTheStepsAndBranchesThatNoRunHasBeenTo) {
    EXPECT_THAT(never("    answers: [{gate: ready}]\n    expect: {run: succeeded}\n"),
                ElementsAre("ready: rejected", "ready: expired", "fill: when false", "fill: undo",
                            "send: probe", "close: on_failure: continue", "on_failure: undo"));
    EXPECT_THAT(
        never("    params: {rows: 5}\n    answers: [{gate: ready}]\n    expect: {run: undone}\n"),
        ElementsAre("ready: rejected", "ready: expired", "fill: when false", "send: probe",
                    "close: on_failure: continue"));
    EXPECT_THAT(never("    answers: [{gate: ready, reject: no}]\n    expect: {run: undone}\n"),
                ElementsAre("ready: approved", "ready: expired", "fill: runs", "fill: when true",
                            "fill: when false", "fill: undo", "send: runs", "send: probe",
                            "judge: runs", "close: on_failure: continue"));
    EXPECT_THAT(never("    expect: {steps: {ready: failed}}\n"),
                testing::Not(testing::Contains("ready: expired")));
}

// Only a run that was killed asks a probe.
TEST(Coverage, CountsWhatKilledRunsHaveBeenTo) {
    EXPECT_THAT(
        never("    kill: everywhere\n    answers: [{gate: ready}]\n    expect: {run: succeeded}\n"),
        testing::Not(testing::Contains("send: probe")));
}

}  // namespace
}  // namespace drydock::cases
