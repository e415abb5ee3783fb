#include "engine/config/redaction.h"

#include <gtest/gtest.h>

#include <chrono>

#include "engine/crypto/digest.h"
#include "engine/json/json.h"

namespace drydock::config {
namespace {

const std::string kText = "p\"ss wörd/+?";

Redactor with(std::initializer_list<std::pair<const char*, std::string>> secrets) {
    Redactor made;
    for (const auto& [name, text] : secrets) made.add(Secret(name, text));
    return made;
}

TEST(Redactor, TakesOutSecretsAsTheyAre) {
    const Redactor redactor = with({{"pw", "hunter22"}, {"key", "abcd"}});
    EXPECT_EQ(redactor.redact("a hunter22 b abcdabcd c"),
              "a <secret pw> b <secret key><secret key> c");
    EXPECT_EQ(redactor.redact("hunter2"), "hunter2");
    EXPECT_EQ(redactor.redact(""), "");
    EXPECT_EQ(Redactor().redact("hunter22"), "hunter22");
}

TEST(Redactor, DoesNotLookForTextsOfFewerThanFourBytes) {
    EXPECT_EQ(with({{"pin", "123"}}).redact("call 123"), "call 123");
}

TEST(Redactor, FindsBase64AtEachAlignmentAndInBothAlphabets) {
    const std::string secret = "\xff\xfe~~geheim?>";
    const Redactor redactor = with({{"k", secret}});
    for (const char* before : {"", "u", "us", "usr", "user:"}) {
        std::string encoded = crypto::to_base64(before + secret + ":tail");
        EXPECT_NE(redactor.redact(encoded).find("<secret k>"), std::string::npos) << before;
        for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
        EXPECT_NE(redactor.redact(encoded).find("<secret k>"), std::string::npos) << before;
    }
}

TEST(Redactor, FindsHexPercentAndJson) {
    const Redactor redactor = with({{"k", kText}});
    std::string hex = crypto::to_hex(kText);
    EXPECT_EQ(redactor.redact("x" + hex + "y"), "x<secret k>y");
    for (char& c : hex) c = static_cast<char>(std::toupper(c));
    EXPECT_EQ(redactor.redact(hex), "<secret k>");
    EXPECT_EQ(redactor.redact("?p=p%22ss%20w%C3%B6rd%2F%2B%3F&x"), "?p=<secret k>&x");
    EXPECT_EQ(redactor.redact("?p=p%22ss+w%c3%b6rd%2f%2b%3f&x"), "?p=<secret k>&x");
    EXPECT_EQ(redactor.redact(json::write(Value(kText))), "\"<secret k>\"");
}

TEST(Redactor, FindsEachLineOfAKey) {
    const Redactor redactor = with({{"pem", "-----BEGIN-----\nMIIBVQIBADAN\nxyz\n"}});
    EXPECT_EQ(redactor.redact("log: MIIBVQIBADAN"), "log: <secret pem>");
    EXPECT_EQ(redactor.redact("log: xyz"), "log: xyz");
}

TEST(Redactor, LeavesNothingOfSecretsThatOverlap) {
    const Redactor redactor = with({{"a", "abcdef"}, {"b", "defghi"}, {"c", "abcd"}});
    EXPECT_EQ(redactor.redact("xabcdefghiy"), "x<secret a>y");
    EXPECT_EQ(redactor.redact("abcdeX"), "<secret c>eX");
}

TEST(Redactor, GoesThroughValues) {
    const Redactor redactor = with({{"pw", "hunter22"}});
    const Value value = Value::Map{{"a", Value::List{"x hunter22", 1}}, {"hunter22", true}};
    EXPECT_EQ(redactor.redact(value),
              Value(Value::Map{{"a", Value::List{"x <secret pw>", 1}}, {"<secret pw>", true}}));
}

TEST(RedactingStream, FindsASecretHoweverItIsCut) {
    const Redactor redactor = with({{"a", "abcdef"}, {"b", "defghi"}, {"long", "abcdefgh-tail"}});
    const std::string text = "x abcdef y abcdefghi z abcdefgh-tail abcab abc";
    const std::string whole = redactor.redact(text);
    EXPECT_EQ(whole, "x <secret a> y <secret a> z <secret long> abcab abc");
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            RedactingStream stream(redactor);
            std::string shown = stream.push(text.substr(0, first));
            shown += stream.push(text.substr(first, second - first));
            shown += stream.push(text.substr(second));
            shown += stream.finish();
            ASSERT_EQ(shown, whole) << first << " " << second;
        }
    }
}

TEST(RedactingStream, HoldsBackOnlyWhatMayBecomeASecret) {
    const Redactor redactor = with({{"a", "abcdef"}});
    RedactingStream stream(redactor);
    EXPECT_EQ(stream.push("hello abc"), "hello ");
    EXPECT_EQ(stream.push("x"), "abcx");
}

// 8 MiB of log through ten secrets; printed so that a change for the worse is seen.
TEST(Redactor, IsLinearInTheText) {
    Redactor redactor;
    for (int i = 0; i < 10; ++i)
        redactor.add(Secret("s" + std::to_string(i), "secret-number-" + std::to_string(i * 7919)));
    std::string text;
    while (text.size() < (8U << 20))
        text +=
            "2026-11-21 02:00:00 deleted 5000 rows of vulnerability_cache in 41 ms, "
            "secret-number-x\n";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(redactor.redact(text), text);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::cout << "redacted " << 8 / took.count() << " MiB/s\n";
    EXPECT_LT(took.count(), 60.0);  // a quadratic one would take hours
}

}  // namespace
}  // namespace drydock::config
