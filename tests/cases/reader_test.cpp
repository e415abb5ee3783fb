#include "engine/cases/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kBook = R"yaml(runbook: book
params: {database: path, rows: {type: integer, min: 1}}
secrets: {token: {env: TOKEN}}
connections: {app: {sqlite: "${params.database}"}}
commands: [make]
steps:
  - {id: ready, gate: {prompt: Go, by: dba, checklist: [One], form: {ticket: string}}}
  - {id: work, lua: 'command{"make"}', idempotent: true}
outputs: {done: "${steps.work.status}"}
)yaml";

class Reader : public testing::Test {
  protected:
    Reader() { story.roles = {{"dba", {"anna", "ben"}}}; }
    // A file whose first lines give what the runbook needs.
    Lines complaints(const std::string& rest) {
        return story.complaints(
            kBook, "cases: book.yaml\nparams: {rows: 2}\nsecrets: {token: abcd}\n" + rest);
    }
    CaseStory story;
};

TEST_F(Reader, ReadsAFileInWhichEveryNameIsThere) {
    EXPECT_THAT(
        complaints("list: [{case: a, after: {work: 'connections.app:exec(\"x\")'}, "
                   "answers: [{gate: ready, by: ben, sign: 1, form: {ticket: T}}, {command: "
                   "[/usr/bin/make]}], "
                   "expect: {steps: {work: failed}, holds: steps.work.status == 'failed'}}]\n"),
        IsEmpty());
}

TEST_F(Reader, SaysEverythingAtOnceWithPlaceAndHint) {
    EXPECT_THAT(
        complaints(
            "answers:\n"
            "  - {command: [mkae]}\n"
            "  - {gate: redy}\n"
            "  - {gate: ready, by: bem}\n"
            "  - {gate: ready, by: ben, sign: 2, form: {ticke: x}}\n"
            "list:\n"
            "  - case: a\n"
            "    params: {rwos: 1, rows: 0}\n"
            "    after: {wrok: return}\n"
            "    expect: {steps: {wokr: failed}, outputs: {dnoe: 1}, holds: connections.ap.x}\n"),
        ElementsAre(
            "5:5 the runbook has no program `mkae` (did you mean `make`?)",
            "6:5 the runbook has no gate `redy` (did you mean `ready`?)",
            "7:5 nobody is called `bem` (did you mean `ben`?)",
            "8:5 the runbook has no field of the gate's form `ticke` (did you mean `ticket`?)",
            "11:20 the runbook has no param `rwos` (did you mean `rows`?)",
            testing::HasSubstr("11:29 "),
            "12:19 the runbook has no step `wrok` (did you mean `work`?)",
            "13:28 the runbook has no step `wokr` (did you mean `work`?)",
            "13:53 the runbook has no output `dnoe` (did you mean `done`?)",
            "13:64 the runbook has no connection `ap` (did you mean `app`?)"));
}

TEST_F(Reader, RefusesWhatIsNoCase) {
    EXPECT_THAT(complaints("list: []\n"),
                Contains(testing::HasSubstr("`list` is a list of cases")));
    EXPECT_THAT(complaints("list: [{case: a, expect: {}}]\n"),
                ElementsAre("4:26 a case that expects nothing cannot fail "
                            "(write {run: succeeded}, or what shall be true)"));
    EXPECT_THAT(complaints("list: [{case: a, expect: {run: suceeded}}]\n"),
                ElementsAre(testing::HasSubstr("4:32 ")));
    EXPECT_THAT(complaints("list: [{case: a, kill: somewhere, expect: {never: abc}, steps: x}]\n"),
                ElementsAre(testing::HasSubstr("4:24 "),
                            "4:51 a text of fewer than four bytes is everywhere "
                            "(take a longer one, such as canary-token)",
                            testing::HasSubstr("4:57 a case has no key `steps`")));
    EXPECT_THAT(
        complaints("list: [{case: a, expect: {run: failed}}, {case: a, expect: {run: failed}}]\n"),
        ElementsAre("4:42 two cases are called `a` (say what is different)"));
}

TEST_F(Reader, SaysWhatNothingGives) {
    EXPECT_THAT(
        story.complaints(kBook, "cases: book.yaml\nlist: [{case: a, expect: {run: failed}}]\n"),
        ElementsAre("2:8 nothing gives the param `rows`, which has no default "
                    "(write it under params: of the file or of this case)"));
    EXPECT_THAT(
        story.complaints(
            kBook,
            "cases: book.yaml\nparams: {rows: 1}\nlist: [{case: a, expect: {run: failed}}]\n"),
        ElementsAre("3:8 nothing gives the secret `token` "
                    "(write secrets: {token: a text}; the real ones are never read)"));
}

TEST_F(Reader, SaysThatTheRunbookOrAFileIsNotThere) {
    EXPECT_THAT(
        story.complaints(kBook, "cases: bok.yaml\nlist: [{case: a, expect: {run: failed}}]\n"),
        Contains(testing::HasSubstr("the runbook bok.yaml cannot be read")));
    EXPECT_THAT(
        complaints(
            "connections: {app: {file: none.db}}\nlist: [{case: a, expect: {run: failed}}]\n"),
        ElementsAre(testing::HasSubstr("there is no file " + story.folder.path() + "/none.db")));
    EXPECT_THAT(complaints("files: {../x: {text: a}}\nlist: [{case: a, expect: {run: failed}}]\n"),
                ElementsAre("4:9 `../x` is no path within the folder of the case "
                            "(write it relative, without `..`)"));
}

TEST_F(Reader, AGateOfARoleNeedsPeopleWhoHaveIt) {
    story.roles.clear();
    EXPECT_THAT(
        complaints("list: [{case: a, answers: [{gate: ready, by: ben}], expect: {run: failed}}]\n"),
        ElementsAre("4:28 nobody has the role `dba` of this gate "
                    "(write roles: {dba: [anna, ben]} in the file of cases)"));
    EXPECT_THAT(complaints("roles: {dba: [ben]}\nlist: [{case: a, answers: [{gate: ready, by: "
                           "ben}], expect: {run: failed}}]\n"),
                IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
