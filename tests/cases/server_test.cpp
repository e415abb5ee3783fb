#include "engine/cases/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/cases/question.h"
#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FitsAddress, AStarEndsAtASlashAndTwoStarsNowhere) {
    EXPECT_TRUE(fits_address("http://x/a", "http://x/a"));
    EXPECT_FALSE(fits_address("http://x/a", "http://x/a/"));
    EXPECT_TRUE(fits_address("http://x/*", "http://x/a?b=c"));
    EXPECT_FALSE(fits_address("http://x/*", "http://x/a/b"));
    EXPECT_TRUE(fits_address("http://x/*/b", "http://x/a/b"));
    EXPECT_TRUE(fits_address("http://x/**", "http://x/a/b?c=/d"));
    EXPECT_TRUE(fits_address("http://x/**/d", "http://x/a/b/d"));
    EXPECT_FALSE(fits_address("http://*", "http://x/a"));
    EXPECT_FALSE(fits_address("http://x", "http://xy"));
}

TEST(Question, ARequestIsMeantByMethodAndAddress) {
    const Question question = HttpPattern{"POST", "http://x/*"};
    EXPECT_TRUE(fits(question, Asked{.command = {}, .method = "POST", .url = "http://x/a"}));
    EXPECT_FALSE(fits(question, Asked{.command = {}, .method = "PUT", .url = "http://x/a"}));
    EXPECT_FALSE(fits(question, Asked{.command = {"POST"}}));
    EXPECT_TRUE(fits(Question(HttpPattern{"*", "http://x/*"}),
                     Asked{.command = {}, .method = "PUT", .url = "http://x/a"}));
    EXPECT_FALSE(fits(Question(CommandPattern{{"*"}}),
                      Asked{.command = {}, .method = "PUT", .url = "http://x/a"}));
}

constexpr const char* kBook = R"yaml(runbook: book
secrets: {token: {env: TOKEN}}
steps:
  - id: healthy
    uses: http.check
    with: {url: http://app/health, contains: fine, times: 2, mean_below: 200ms}
  - id: tell
    uses: http.call
    with: {method: POST, url: http://app/notes, bearer: "${secrets.token}", body: {on: true}, expect: 201}
    undo: {lua: 'if output then http{method = "DELETE", url = "http://app/notes/" .. output.body.id} end'}
outputs: {id: "${steps.tell.body.id}", mean: "${steps.healthy.mean}"}
)yaml";

class Servers : public testing::Test {
  protected:
    CaseStory story;
    // Of the one case, whose further keys are `rest`.
    Lines failures(const std::string& rest, const std::string& book = kBook) {
        const bool with_secret = book.find("secrets:") != std::string::npos;
        return story.failures(book,
                              std::string("cases: book.yaml\n") +
                                  (with_secret ? "secrets: {token: canary-token}\n" : "") +
                                  "answers:\n"
                              "  - {http: GET http://app/health, body: all fine, took: 100ms}\n"
                              "  - {http: POST http://app/notes, status: 201, body: '{\"id\": 7}', "
                              "headers: {Content-Type: application/json}}\n"
                              "  - {http: DELETE http://app/notes/*}\n"
                              "list:\n  - case: it\n" +
                                  rest);
    }
};

TEST_F(Servers, AnswerAsTheCaseSays) {
    EXPECT_THAT(
        failures("    expect:\n      run: succeeded\n"
                 "      outputs: {id: 7, mean: 100ms}\n"
                 "      asked: [{http: GET http://app/health}, {http: \"POST http://app/**\"}]\n"
                 "      never: canary-token\n"),
        IsEmpty());
}

TEST_F(Servers, AreAskedByTheUndo) {
    EXPECT_THAT(failures("    then: undo\n    expect:\n      run: undone\n"
                         "      asked: [{http: POST http://app/notes}, "
                         "{http: DELETE http://app/notes/7}]\n"),
                IsEmpty());
}

TEST_F(Servers, WhatWasNotAskedFailsTheCase) {
    EXPECT_THAT(failures("    expect: {run: succeeded, asked: [{http: PUT http://app/notes}]}\n"),
                ElementsAre("asked: expected PUT http://app/notes, got in this order: "
                            "GET http://app/health; GET http://app/health; POST http://app/notes"));
}

TEST_F(Servers, ARequestThatIsNotListedFailsTheCaseAndNeverLeaves) {
    constexpr const char* kOther =
        "runbook: book\nsteps: [{id: a, lua: 'http{url = \"http://127.0.0.1:1/x\", "
        "method = \"PUT\"}'}]\n";
    EXPECT_THAT(
        failures("    expect: {run: stopped, error: {step: a, kind: connection}}\n", kOther),
        ElementsAre(HasSubstr("got PUT http://127.0.0.1:1/x")));
}

TEST_F(Servers, FailInTheWaysThatServersDo) {
    const auto with = [](const std::string& fails) {
        return "    answers: [{http: POST http://app/notes, " + fails + "}]\n";
    };
    EXPECT_THAT(failures(with("fails: refused") +
                         "    expect: {run: stopped, steps: {tell: failed}, error: {step: tell, "
                         "kind: connection, message: refused}}\n"),
                IsEmpty());
    for (const std::string fails : {"fails: timeout", "fails: closed", "took: 1m", "status: 504"}) {
        EXPECT_THAT(failures(with(fails) + "    expect: {run: stopped, steps: {tell: unknown}}\n"),
                    IsEmpty())
            << fails;
    }
    EXPECT_THAT(failures(with("status: 500, body: no room") +
                         "    expect: {run: stopped, steps: {tell: failed}, error: {step: tell, "
                         "kind: http, message: no room}}\n"),
                IsEmpty());
}

TEST_F(Servers, SlowAnswersAreTooSlow) {
    EXPECT_THAT(failures("    answers: [{http: GET http://app/health, body: fine, took: 300ms}]\n"
                         "    expect: {error: {step: healthy, kind: check, message: 300ms}}\n"),
                IsEmpty());
}

TEST_F(Servers, RedirectAndEachAddressIsAsked) {
    EXPECT_THAT(failures("    answers:\n"
                         "      - {http: GET http://app/health, status: 302, headers: {Location: "
                         "\"http://other/h\"}}\n"
                         "      - {http: GET http://other/h, body: fine}\n"
                         "    expect: {run: succeeded, asked: [{http: GET http://other/h}]}\n"),
                IsEmpty());
}

// A request that may have been sent, and its engine killed: repeated only when that does no harm.
TEST_F(Servers, AWriteKilledOnItsWayIsNotRepeatedOnAGuess) {
    const std::string everywhere =
        "    kill: everywhere\n    expect: {run: succeeded, outputs: {id: 7}}\n";
    EXPECT_THAT(failures(everywhere), testing::Not(IsEmpty()));
    std::string idempotent = kBook;
    idempotent.insert(idempotent.find("    undo:"), "    idempotent: true\n");
    EXPECT_THAT(failures(everywhere, idempotent), IsEmpty());
}

TEST_F(Servers, AnAddressThatHoldsTheCanaryIsFound) {
    constexpr const char* kTelling =
        "runbook: book\nparams: {x: {type: string, default: kept-quiet}}\n"
        "steps: [{id: a, lua: 'http{url = \"http://app/?\" .. params.x:sub(1, 4) .. \"-\" .. "
        "params.x:sub(6), expect = \"any\"}', effect: read}]\n";
    EXPECT_THAT(failures("    answers: [{http: \"GET http://app/**\"}]\n"
                         "    expect: {run: succeeded, never: kept-quiet}\n",
                         kTelling),
                testing::Not(IsEmpty()));
}

TEST_F(Servers, AnswersAreCheckedWhenTheyAreRead) {
    const auto complaints = [&](const std::string& answer) {
        return story.complaints("runbook: book\nsteps: [{id: a, lua: return}]\n",
                                "cases: book.yaml\nanswers: [" + answer +
                                           "]\nlist: [{case: a, expect: {run: failed}}]\n");
    };
    EXPECT_THAT(complaints("{http: GET http://x/, status: 99}"),
                ElementsAre(HasSubstr("100 to 599")));
    EXPECT_THAT(complaints("{http: GET http://x/, took: soon}"),
                ElementsAre(HasSubstr("duration")));
    EXPECT_THAT(complaints("{http: GET http://x/, fails: badly}"), testing::SizeIs(1));
    EXPECT_THAT(complaints("{http: GET http://x/, headers: x}"), testing::SizeIs(1));
    EXPECT_THAT(complaints("{http: GET http://x/, exit: 1}"), testing::SizeIs(1));
    EXPECT_THAT(complaints("{http: OPTIONS http://x/, took: 1m30s, fails: closed}"), IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
