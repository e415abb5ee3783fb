#include "engine/cases/canary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/crypto/digest.h"
#include "tests/cases/case_story.h"

namespace drydock::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

bool is_recognised(std::string_view text, const std::string& in) {
    return std::ranges::any_of(disguises(text), [&](const std::string& disguise) {
        return in.find(disguise) != std::string::npos;
    });
}

TEST(Canary, IsKnownInEachEncodingAndAtEachAlignment) {
    const std::string canary = "canary/token+1?";
    EXPECT_TRUE(is_recognised(canary, "x" + canary + "y"));
    EXPECT_TRUE(is_recognised(canary, crypto::to_hex(canary)));
    EXPECT_TRUE(is_recognised(canary, "canary%2Ftoken%2B1%3F"));
    EXPECT_TRUE(is_recognised(canary, "canary%2ftoken%2b1%3f"));
    EXPECT_TRUE(is_recognised("tab\there", "{\"a\":\"tab\\there\"}"));
    for (const std::string before : {"", "a", "ab", "abc"}) {
        for (const std::string after : {"", "z", "yz"})
            EXPECT_TRUE(is_recognised(canary, crypto::to_base64(before + canary + after)))
                << before << " " << after;
    }
    EXPECT_FALSE(is_recognised(canary, crypto::to_base64("another text of some length")));
}

// What a step does with a text that must not be seen.
Lines failures(const std::string& lua, const std::string& more = "") {
    CaseStory story;
    const std::string book =
        "runbook: book\ncommands: [send]\nsecrets: {token: {env: TOKEN}}\n"
        "steps:\n  - id: use\n    idempotent: true\n    lua: |\n      " +
        lua + "\n" + more;
    return story.failures(book,
                          "cases: book.yaml\nsecrets: {token: canary-token}\nlist:\n  - case: it\n"
                          "    answers: [{command: [send, \"**\"]}]\n"
                          "    expect: {run: succeeded, never: canary-token}\n");
}

TEST(Canary, AStepThatKeepsItToItselfIsFine) {
    EXPECT_THAT(failures("command{\"send\", env = {TOKEN = secrets.token}}"), IsEmpty());
    EXPECT_THAT(failures("command{\"send\", input = secrets.token}"), IsEmpty());
}

// The text is put together, so that no runbook holds it: only what it leads to is found.
TEST(Canary, InAnOutputALogAnErrorOrAnArgumentItFailsTheCase) {
    EXPECT_THAT(failures("return {x = \"canary\" .. \"-other\"}"), IsEmpty());
    CaseStory story;
    const auto with = [&](const std::string& lua) {
        return story.failures(
            "runbook: book\ncommands: [send]\nsteps:\n  - id: use\n"
            "    idempotent: true\n    lua: |\n      local c = \"canary\" .. \"-token\"\n"
            "      " +
                lua + "\n",
            "cases: book.yaml\nlist:\n  - case: it\n"
            "    answers: [{command: [send, \"**\"]}]\n"
            "    expect: {never: canary-token}\n");
    };
    EXPECT_THAT(with("return {x = c}"),
                ElementsAre(HasSubstr("never: expected `canary-token` nowhere, got event ")));
    EXPECT_THAT(with("log.info(c)"), ElementsAre(HasSubstr("canary-token")));
    EXPECT_THAT(with("fail(c)"), ElementsAre(HasSubstr("got event ")));
    EXPECT_THAT(with("command{\"send\", c}"), ElementsAre(HasSubstr("canary-token")));
    EXPECT_THAT(with("return {x = crypto.sha256(c)}"), IsEmpty());
}

}  // namespace
}  // namespace drydock::cases
