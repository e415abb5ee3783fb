#include "engine/cases/case_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kBook = R"yaml(runbook: book
params: {database: path, rows: {type: integer, default: 2}}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: fill
    lua: |
      for i = 1, params.rows do connections.app:exec("insert into t values ($1)", i) end
      return {rows = params.rows}
    returns: {rows: integer}
    undo: {lua: 'connections.app:exec("delete from t")'}
  - {id: rest, when: params.rows > 9, lua: "return nil", effect: read}
  - id: judge
    lua: check(connections.app:value("select count(*) from t") < 5, "too many rows")
    effect: read
outputs: {rows: "${steps.fill.rows}", since: "${duration(90)}"}
)yaml";

// The beginning of a file with one case, whose keys are `rest`.
std::string one_case(const std::string& rest) {
    return "cases: book.yaml\n"
           "connections: {app: {sql: create table t (a integer)}}\n"
           "list:\n  - case: it\n" +
           rest;
}

class Cases : public testing::Test {
  protected:
    CaseStory story;
    Lines failures(const std::string& rest, const std::string& book = kBook) {
        return story.failures(book, one_case(rest));
    }
};

TEST_F(Cases, ACaseIsTrueWhenEverythingIsAsItSays) {
    EXPECT_THAT(failures("    expect:\n"
                         "      run: succeeded\n"
                         "      steps: {fill: succeeded, rest: skipped}\n"
                         "      outputs: {rows: 2, since: 1m30s}\n"
                         "      holds: connections.app:value('select sum(a) from t') == 3\n"),
                IsEmpty());
}

// Each key of `expect`, with what is not so.
TEST_F(Cases, ARunThatEndsOtherwiseFails) {
    EXPECT_THAT(failures("    expect: {run: failed}\n"),
                ElementsAre("run: expected failed, got succeeded"));
}
TEST_F(Cases, AStepWithAnotherStatusFails) {
    EXPECT_THAT(failures("    expect: {steps: {fill: skipped, rest: skipped}}\n"),
                ElementsAre("steps.fill: expected skipped, got succeeded"));
}
TEST_F(Cases, AnOutputWithAnotherValueFails) {
    EXPECT_THAT(
        failures("    expect: {outputs: {rows: 3, since: 91s}}\n"),
        ElementsAre("outputs.rows: expected 3, got 2", "outputs.since: expected 91s, got 1m30s"));
}
TEST_F(Cases, ARunThatDoesNotStopWhereItShouldFails) {
    EXPECT_THAT(failures("    expect: {stopped_at: judge}\n"),
                ElementsAre("stopped_at: expected judge, got it did not stop"));
    EXPECT_THAT(failures("    params: {rows: 5}\n    expect: {stopped_at: fill}\n"),
                ElementsAre("stopped_at: expected fill, got judge"));
    EXPECT_THAT(failures("    params: {rows: 5}\n    expect: {run: stopped, stopped_at: judge}\n"),
                IsEmpty());
}
TEST_F(Cases, AnErrorOfAnotherStepOrKindFails) {
    EXPECT_THAT(failures("    expect: {error: {step: judge, kind: check}}\n"),
                ElementsAre("error: expected judge, check, got no step failed"));
    const std::string five = "    params: {rows: 5}\n    expect: {run: stopped, error: ";
    EXPECT_THAT(failures(five + "{step: judge, kind: sql}}\n"),
                ElementsAre(HasSubstr("error: expected judge, sql, got judge, check: ")));
    EXPECT_THAT(failures(five + "{step: judge, kind: check, message: too few}}\n"),
                ElementsAre(HasSubstr("…too few…")));
    EXPECT_THAT(failures(five + "{step: judge, kind: check, message: too many}}\n"), IsEmpty());
}
TEST_F(Cases, WhatDoesNotHoldFails) {
    EXPECT_THAT(failures("    expect:\n      holds:\n"
                         "        - connections.app:value('select count(*) from t') == 7\n"
                         "        - steps.fill.rows == 2\n"
                         "        - connections.app:value('select a from nowhere') == 1\n"),
                ElementsAre("holds: expected connections.app:value('select count(*) from t') == 7, "
                            "got false",
                            HasSubstr("no such table: nowhere")));
    EXPECT_THAT(failures("    expect: {holds: \"connections.app:exec('delete from t') == 2\"}\n"),
                ElementsAre(HasSubstr("what `holds` asks only looks")));
}

TEST_F(Cases, ThenUndoTakesBackWhatTheStoppedRunDid) {
    const std::string undo = "    params: {rows: 5}\n    then: undo\n    expect:\n";
    EXPECT_THAT(
        failures(undo + "      run: undone\n      stopped_at: judge\n"
                        "      steps: {fill: undone}\n"
                        "      holds: connections.app:value('select count(*) from t') == 0\n"),
        IsEmpty());
    EXPECT_THAT(
        failures(undo + "      holds: connections.app:value('select count(*) from t') == 5\n"),
        ElementsAre(HasSubstr("got false")));
}
TEST_F(Cases, ThenUndoAlsoTakesBackARunThatHasEnded) {
    EXPECT_THAT(failures("    then: undo\n    expect: {run: undone, steps: {fill: undone}}\n"),
                IsEmpty());
}
TEST_F(Cases, ThenCancelEndsTheStoppedRun) {
    EXPECT_THAT(failures("    params: {rows: 5}\n    then: cancel\n    expect: {run: cancelled}\n"),
                IsEmpty());
}
TEST_F(Cases, AfterChangesTheWorldBetweenTwoSteps) {
    const std::string after =
        "    after: {fill: \"connections.app:exec('delete from t')\"}\n"
        "    params: {rows: 5}\n";
    EXPECT_THAT(failures(after + "    expect: {run: succeeded}\n"), IsEmpty());
    EXPECT_THAT(failures("    after: {fill: \"connections.app:exec('delete from u')\"}\n"
                         "    expect: {run: succeeded}\n"),
                ElementsAre(HasSubstr("no such table: u")));
}
TEST_F(Cases, ThenResumeGoesOnFromTheStepThatStopped) {
    constexpr const char* kMended = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: judge
    lua: |
      if once("first", function() return true end) and not recorded.seen then
        once("seen", function() return true end)
        fail("not yet")
      end
    idempotent: true
)yaml";
    EXPECT_THAT(
        failures("    then: resume\n    expect: {run: succeeded, stopped_at: judge}\n", kMended),
        IsEmpty());
}

constexpr const char* kMake = R"yaml(runbook: book
commands: [make, systemctl]
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: build
    lua: return {said = command{"make", "all"}.output}
    returns: {said: string}
    idempotent: true
  - {id: prove, lua: 'command{"make", "test", "-j2"}', idempotent: true}
outputs: {said: "${steps.build.said}"}
)yaml";

TEST_F(Cases, ProgramsAnswerAsListed) {
    EXPECT_THAT(failures("    answers: [{command: [make, \"*\"], output: \"it's built\"},"
                         " {command: [make, test, \"**\"]}]\n"
                         "    expect:\n      run: succeeded\n      outputs: {said: it's built}\n"
                         "      asked: [{command: [make, all]}, {command: [make, test, -j2]}]\n",
                         kMake),
                IsEmpty());
}
TEST_F(Cases, AQuestionThatIsNotListedFailsTheCase) {
    EXPECT_THAT(
        failures("    answers: [{command: [make, all]}]\n    expect: {run: stopped}\n", kMake),
        ElementsAre("a question: expected only what an answer is listed for, "
                    "got make test -j2"));
}
TEST_F(Cases, AQuestionThatIsNotAskedInThatOrderFails) {
    EXPECT_THAT(
        failures("    answers: [{command: [make, \"**\"]}]\n"
                 "    expect: {asked: [{command: [make, test, \"**\"]}, {command: [make, all]}]}\n",
                 kMake),
        ElementsAre("asked: expected make all, got in this order: make all; make test -j2"));
}
TEST_F(Cases, AProgramThatFailsIsAFailedStep) {
    EXPECT_THAT(failures("    answers: [{command: [make, all]},"
                         " {command: [make, test, \"**\"], exit: 2, error: no such target}]\n"
                         "    expect: {run: stopped, error: {step: prove, kind: command, "
                         "message: no such target}}\n",
                         kMake),
                IsEmpty());
}

TEST_F(Cases, ServicesStopAndStart) {
    constexpr const char* kServices = R"yaml(runbook: book
commands: [systemctl]
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - {id: stop, lua: 'command{"systemctl", "stop", "app.service"}', idempotent: true}
  - id: look
    lua: return {exit = command{"systemctl", "is-active", "app", expect = "any", reads = true}.exit}
    returns: {exit: integer}
outputs: {exit: "${steps.look.exit}"}
)yaml";
    EXPECT_THAT(
        failures("    services: {app: running}\n    expect: {run: succeeded, outputs: {exit: 3}}\n",
                 kServices),
        IsEmpty());
    EXPECT_THAT(failures("    services: {other: running}\n    expect: {run: stopped}\n", kServices),
                ElementsAre(HasSubstr("got systemctl stop app.service")));
}

TEST_F(Cases, TheServiceActionsActOnThem) {
    constexpr const char* kServices = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - {id: stop, uses: service.stop, with: {unit: app}}
  - {id: other, uses: service.stop, with: {unit: spare.service}}
outputs: {app: "${steps.stop.was_running}", spare: "${steps.other.was_running}"}
)yaml";
    const std::string services = "    services: {app: running, spare: stopped}\n";
    EXPECT_THAT(failures(services + "    kill: everywhere\n"
                                    "    expect: {run: succeeded, outputs: {app: true, spare: "
                                    "false}, asked: [{command: [systemctl, stop, app]}]}\n",
                         kServices),
                IsEmpty());
    EXPECT_THAT(failures(services + "    then: undo\n    expect: {run: undone, asked: [{command: "
                                    "[systemctl, start, app]}]}\n",
                         kServices),
                IsEmpty());
    EXPECT_THAT(failures(services + "    then: undo\n    expect: {asked: [{command: "
                                    "[systemctl, start, spare.service]}]}\n",
                         kServices),
                ElementsAre(HasSubstr("expected systemctl start spare.service")));
}

constexpr const char* kGate = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
steps:
  - id: ready
    gate: {prompt: Go, by: dba, checklist: [The backup is there], form: {ticket: string}}
    timeout: 1h
  - {id: pause, wait: 3h}
  - {id: work, lua: "return nil", effect: read}
outputs: {ticket: "${steps.ready.ticket}"}
)yaml";

TEST_F(Cases, PeopleAnswerAndAWaitTakesNoTime) {
    story.roles = {{"dba", {"anna", "ben"}}};
    EXPECT_THAT(failures("    starter: anna\n"
                         "    answers: [{gate: ready, by: ben, sign: all, form: {ticket: OPS-1}}]\n"
                         "    expect: {run: succeeded, outputs: {ticket: OPS-1}}\n",
                         kGate),
                IsEmpty());
}
TEST_F(Cases, TheStarterIsRefusedAtAGateOfARole) {
    story.roles = {{"dba", {"anna", "ben"}}};
    const std::string answers =
        "    starter: anna\n    answers: [{gate: ready, by: anna, sign: all, form: {ticket: x}}]\n";
    EXPECT_THAT(
        failures(answers + "    expect: {waiting_at: ready, refused: {gate: ready, by: anna}}\n",
                 kGate),
        IsEmpty());
    EXPECT_THAT(
        failures(answers + "    expect: {waiting_at: ready}\n", kGate),
        ElementsAre(HasSubstr("gate ready: expected anna passes it, got anna was refused")));
    EXPECT_THAT(failures("    starter: ben\n    answers: [{gate: ready, by: anna, sign: all, form: "
                         "{ticket: x}}]\n"
                         "    expect: {waiting_at: ready, refused: {gate: ready, by: anna}}\n",
                         kGate),
                ElementsAre("waiting_at: expected ready, got it did not wait",
                            "refused: expected anna at ready, got nobody was refused"));
}
TEST_F(Cases, AGateThatNobodyPassesExpiresWhenItHasATimeout) {
    story.roles = {{"dba", {"anna", "ben"}}};
    EXPECT_THAT(
        failures("    expect: {run: stopped, error: {step: ready, kind: timeout}}\n", kGate),
        IsEmpty());
    EXPECT_THAT(failures("    expect: {run: waiting, waiting_at: ready}\n", kGate), IsEmpty());
}
TEST_F(Cases, AGateThatWaitsForNobodyFailsTheCase) {
    story.roles = {{"dba", {"anna", "ben"}}};
    std::string book = kGate;
    book.erase(book.find("    timeout: 1h\n"), 16);
    EXPECT_THAT(failures("    expect: {steps: {work: pending}}\n", book),
                ElementsAre(HasSubstr("gate ready: expected an answer is listed")));
}
TEST_F(Cases, ARejectedGateFails) {
    story.roles = {{"dba", {"anna", "ben"}}};
    EXPECT_THAT(failures("    answers: [{gate: ready, by: ben, reject: not tonight}]\n"
                         "    expect: {run: stopped, error: {step: ready, message: not tonight}}\n",
                         kGate),
                IsEmpty());
}

TEST_F(Cases, NothingOutsideOfTheFolderOfTheCaseIsTouched) {
    constexpr const char* kOutside = R"yaml(runbook: book
params: {database: path}
connections: {app: {sqlite: "${params.database}"}}
files: [/tmp]
steps: [{id: look, lua: "return nil", effect: read}]
)yaml";
    EXPECT_THAT(
        failures("    expect: {run: succeeded}\n", kOutside),
        ElementsAre(HasSubstr("the entry of files: /tmp lies outside of the folder of the case"),
                    HasSubstr("run: expected succeeded, got not started")));
    EXPECT_THAT(
        failures("    params: {database: /tmp/real.db}\n    expect: {run: succeeded}\n"),
        testing::Contains(HasSubstr("/tmp/real.db lies outside of the folder of the case")));
}

TEST_F(Cases, SecretsAreTheCasesOwn) {
    constexpr const char* kSecret = R"yaml(runbook: book
commands: [login]
secrets: {word: {env: PATH}}
steps:
  - {id: use, lua: 'command{"login", env = {WORD = secrets.word}}', idempotent: true}
)yaml";
    EXPECT_THAT(story.failures(kSecret,
                               "cases: book.yaml\nsecrets: {word: canary}\nlist:\n  - case: it\n"
                               "    answers: [{command: [login]}]\n    expect: {run: succeeded}\n"),
                IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
