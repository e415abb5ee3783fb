#include <gtest/gtest.h>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::json {
namespace {

std::string why_refused(std::string_view text, const ReadLimits& limits = {}) {
    try {
        (void)parse(text, limits);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::Document);
        return error.message();
    }
    return "accepted";
}

TEST(JsonReader, ReadsEveryKindOfValue) {
    const Value value =
        parse(R"( {"a": [1, -2, 2.5, true, false, null], "b": {"c": "ä\n\u20ac"}} )");
    EXPECT_EQ(*value.member("a"), Value(Value::List{1, -2, 2.5, true, false, Value()}));
    EXPECT_EQ(*value.member("b")->member("c"), Value("ä\n€"));
    EXPECT_EQ(parse("[]"), Value(Value::List{}));
    EXPECT_EQ(parse("{}"), Value(Value::Map{}));
    EXPECT_EQ(parse("\"\""), Value(""));
}

TEST(JsonReader, KeepsIntegersThatFitAndTurnsLargerOnesIntoNumbers) {
    EXPECT_EQ(parse("9223372036854775807"), Value(INT64_MAX));
    EXPECT_EQ(parse("-9223372036854775808"), Value(INT64_MIN));
    EXPECT_EQ(parse("9223372036854775808"), Value(9223372036854775808.0));
    EXPECT_EQ(parse("1.0"), Value(1.0));
}

TEST(JsonReader, RefusesTheSameKeyTwiceAndSaysWhere) {
    EXPECT_EQ(why_refused(R"({"a":1,"a":2})"), R"(json, byte 10: the key "a" is there twice)");
    EXPECT_EQ(parse(R"([{"a":1},{"a":2}])").as<Value::List>().size(), 2U);
}

TEST(JsonReader, StopsAtTheDepthLimitWhileParsing) {
    const std::string open(1000, '[');
    EXPECT_EQ(why_refused(open), "json, byte 65: nested deeper than 64 levels");
    EXPECT_EQ(why_refused("[[[]]]", {.depth = 2}), "json, byte 3: nested deeper than 2 levels");
    EXPECT_EQ(why_refused("[[]]", {.depth = 2}), "accepted");
}

TEST(JsonReader, RefusesWhatIsLongerThanTheLimit) {
    EXPECT_EQ(why_refused("[1,2,3]", {.bytes = 6}),
              "json of 7 bytes, more than the 6 that are read");
}

TEST(JsonReader, NamesTheByteOfASyntaxError) {
    EXPECT_TRUE(why_refused(R"({"a":})").starts_with("json, byte 6: syntax error"))
        << why_refused(R"({"a":})");
    for (const char* text :
         {"", "[1,]", "{'a':1}", "[1] 2", "nul", "01", "\"\xff\"", "\"\n\"", "NaN", "1e999"}) {
        EXPECT_TRUE(why_refused(text).starts_with("json, byte "))
            << text << ": " << why_refused(text);
    }
}

TEST(JsonReader, LooksBehindAZeroByte) {
    EXPECT_EQ(why_refused(std::string_view("{}\0{}", 5)), "json, byte 2: a zero byte");
}

}  // namespace
}  // namespace drydock::json
