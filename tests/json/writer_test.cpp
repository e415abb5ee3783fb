#include <gtest/gtest.h>

#include <limits>

#include "engine/error.h"
#include "engine/json/json.h"

namespace drydock::json {
namespace {

TEST(JsonWriter, WritesCompactTextWithSortedKeys) {
    const Value value(Value::Map{{"b", Value::List{1, Value(), true}}, {"a", Value::Map{}}});
    EXPECT_EQ(write(value), R"({"a":{},"b":[1,null,true]})");
}

TEST(JsonWriter, WritesSeveralLinesWhenAsked) {
    const Value value(Value::Map{{"b", Value::List{1, 2}}, {"a", Value::List{}}});
    EXPECT_EQ(write_pretty(value), "{\n  \"a\": [],\n  \"b\": [\n    1,\n    2\n  ]\n}");
}

TEST(JsonWriter, EscapesWhatMustBeEscapedAndNothingElse) {
    EXPECT_EQ(write(Value("\"\\\n\r\t\b\f\x01 /ä€😀")), R"("\"\\\n\r\t\b\f\u0001 /ä€😀")");
    EXPECT_EQ(write(Value(std::string("\0\x1f\x7f", 3))), "\"\\u0000\\u001f\x7f\"");
}

TEST(JsonWriter, ReplacesBytesThatAreNoUtf8) {
    EXPECT_EQ(write(Value("a\xff\xfe" "b")), "\"a\uFFFD\uFFFDb\"");
    EXPECT_EQ(write(Value(Value::Map{{"k\xff", 1}})), "{\"k\uFFFD\":1}");
}

TEST(JsonWriter, WritesQuantitiesAsTextAndSecretsAsTheirPlaceholder) {
    const Value value(Value::List{Duration{Microseconds(50'000)}, Size{1536}, Timestamp{0},
                                  Secret("owner", "canary")});
    EXPECT_EQ(write(value), R"(["50ms","1.5KiB","1970-01-01T00:00:00Z","<secret owner>"])");
}

TEST(JsonWriter, WritesDoublesSoThatTheyStayDoubles) {
    EXPECT_EQ(write(Value(Value::List{3.0, 0.1, -0.0, 1e300})), "[3.0,0.1,-0.0,1e+300]");
}

TEST(JsonWriter, RefusesWhatNoJsonReaderCouldRead) {
    EXPECT_THROW((void)write(Value(std::numeric_limits<double>::infinity())), Error);
    EXPECT_THROW((void)write_typed(Value(std::numeric_limits<double>::quiet_NaN())), Error);
    Value deep;
    for (int level = 0; level < 81; ++level) deep = Value(Value::List{deep});
    EXPECT_THROW((void)write_typed(deep), Error);
    EXPECT_NO_THROW((void)parse_typed(write_typed(deep.as<Value::List>().front())));
}

}  // namespace
}  // namespace drydock::json
