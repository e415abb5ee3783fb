#include "engine/cases/kill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cases/case_story.h"
#include "tests/os/seam_switch.h"

namespace drydock::cases {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kBook = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: add
    lua: connections.app:exec("insert into t values (1)")
    undo: {lua: 'connections.app:exec("delete from t where a = 1")'}
  - id: stamp
    lua: |
      connections.app:transaction{key = "one", function() connections.app:exec("insert into t values (2)") end}
      connections.app:transaction{key = "two", function() connections.app:exec("insert into t values (3)") end}
    undo: none
)yaml";

std::string everywhere(const std::string& rest) {
    return "cases: book.yaml\nconnections: {app: {sql: create table t (a integer)}}\n"
           "list:\n  - case: it\n    kill: everywhere\n" +
           rest;
}

TEST(KillEverywhere, EachKillIsSurvivedAndCounted) {
    CaseStory story;
    const CaseResult result =
        story.play(kBook, everywhere("    expect: {run: succeeded, holds: "
                                     "\"connections.app:value('select sum(a) from t') == 6\"}\n"));
    EXPECT_THAT(result.failures, IsEmpty());
    ASSERT_TRUE(result.kills);
    EXPECT_GT(result.kills->points, 20);
    EXPECT_EQ(result.kills->killed, result.kills->points);
    // Furnished, started, taken up: all but the last kills need that many processes.
    EXPECT_GE(result.kills->lives, 2 * result.kills->points);
}

TEST(KillEverywhere, AnUndoIsKilledEverywhereAsWell) {
    CaseStory story;
    const CaseResult result =
        story.play(kBook, everywhere("    then: undo\n"
                                     "    expect: {run: undone, holds: "
                                     "\"connections.app:value('select sum(a) from t') == 5\"}\n"));
    EXPECT_THAT(result.failures, IsEmpty());
    EXPECT_EQ(result.kills->killed, result.kills->points);
}

TEST(KillEverywhere, WithoutReceiptsWorkIsDoneTwiceAndTheCaseFails) {
    CaseStory story;
    const test::Without without(Protection::Receipt);
    const Lines failures = story.failures(kBook, everywhere("    expect: {run: succeeded}\n"));
    EXPECT_THAT(failures,
                Contains(HasSubstr("the databases and files that it leaves, killed at ")));
    EXPECT_THAT(failures, Contains(HasSubstr("app.t: [1]")));
}

TEST(KillEverywhere, AnOutcomeThatNobodyKnowsFailsTheCase) {
    constexpr const char* kUnknown = R"yaml(runbook: book
commands: [mail]
steps: [{id: send, lua: 'command{"mail", "all"}'}]
)yaml";
    CaseStory story;
    const Lines failures =
        story.failures(kUnknown,
                       "cases: book.yaml\nlist:\n  - case: it\n    kill: everywhere\n"
                       "    answers: [{command: [mail, all]}]\n    expect: {run: succeeded}\n");
    EXPECT_THAT(failures, Contains(HasSubstr("the outcome of send is unknown")));
}

}  // namespace
}  // namespace drydock::cases
