#include "tests/bindings/script_fixture.h"

namespace drydock::bindings {
namespace {

using Quantities = ScriptTest;

Duration seconds(std::int64_t count) { return Duration{Microseconds(count * 1'000'000)}; }

TEST_F(Quantities, DurationsAddWithEachOtherAndWithSeconds) {
    EXPECT_EQ(value_of("duration('1m') + duration('30s')"), Value(seconds(90)));
    EXPECT_EQ(value_of("duration('1m') + 30"), Value(seconds(90)));
    EXPECT_EQ(value_of("30 + duration('1m')"), Value(seconds(90)));
    EXPECT_EQ(value_of("90 - duration('1m')"), Value(seconds(30)));
    EXPECT_EQ(value_of("-duration('1m')"), Value(seconds(-60)));
}

TEST_F(Quantities, SizesMultiplyAndDivide) {
    EXPECT_EQ(value_of("2 * size('1KiB')"), Value(Size{2048}));
    EXPECT_EQ(value_of("size('1KiB') / 4"), Value(Size{256}));
    EXPECT_EQ(value_of("size('1KiB') / size('512B')"), Value(2.0));
    EXPECT_EQ(value_of("size('1KiB') + 1"), Value(Size{1025}));
}

TEST_F(Quantities, TimesMoveByDurationsAndTheirDifferenceIsOne) {
    EXPECT_EQ(
        value_of("time.parse('2026-11-21T02:00:00Z') - duration('15m')"),
        Value(*std::get_if<Timestamp>(&value_of("time.parse('2026-11-21T01:45:00Z')").held())));
    EXPECT_EQ(value_of("time.parse('2026-11-21T02:00:00Z') - time.parse('2026-11-21T01:00:00Z')"),
              Value(seconds(3600)));
    EXPECT_EQ(value_of("duration('1h') + time.parse('2026-11-21T02:00:00Z') == "
                       "time.parse('2026-11-21T03:00:00Z')"),
              Value(true));
}

TEST_F(Quantities, CompareWithTheirKindAndWithNumbers) {
    EXPECT_EQ(value_of("duration('1m') < 61"), Value(true));
    EXPECT_EQ(value_of("duration('1m') <= duration('60s')"), Value(true));
    EXPECT_EQ(value_of("10000 < size('1GiB')"), Value(true));
    EXPECT_EQ(value_of("duration('1m') == duration('60s')"), Value(true));
    EXPECT_EQ(value_of("duration('1s') == size('1MiB')"), Value(false));
}

TEST_F(Quantities, RefuseWhatMakesNoSense) {
    for (const char* text : {"duration('1m') + size('1B')", "duration('1m') < size('1B')",
                             "duration('1m') * duration('1m')", "time.now() + time.now()",
                             "2 * time.now()", "1 / duration('1m')", "duration('1m') + '1'",
                             "-time.now()", "100 - time.now()", "duration('1m') + nil"}) {
        EXPECT_EQ(error_of("return {v = " + std::string(text) + "}").code(), ErrorCode::Lua)
            << text;
    }
}

TEST_F(Quantities, RefuseResultsOutOfRange) {
    for (const char* text :
         {"size(9223372036854775807) + 1", "size(9223372036854775807) * 2", "size('1B') / 0",
          "duration('1s') * 1e300", "duration('1s') + math.maxinteger"}) {
        EXPECT_NE(error_of("return {v = " + std::string(text) + "}").message().find("out of range"),
                  std::string::npos)
            << text;
    }
}

TEST_F(Quantities, ReadAsTextAndAsNumber) {
    EXPECT_EQ(value_of("tostring(duration('90s'))"), Value("1m30s"));
    EXPECT_EQ(value_of("'free: ' .. size('1.5GiB')"), Value("free: 1.5GiB"));
    EXPECT_EQ(value_of("string.format('%s is %d', duration('1m'), duration('1m'))"),
              Value("1m is 60"));
    EXPECT_EQ(value_of("tonumber(duration('1500ms'))"), Value(1.5));
    EXPECT_EQ(value_of("tonumber(size('1KiB'))"), Value(1024));
}

TEST_F(Quantities, PassThroughALuaBodyUnchanged) {
    context_->names_.params_ =
        Value::Map{{"a", seconds(5)}, {"b", Size{7}}, {"c", Timestamp{123'456}}};
    EXPECT_EQ(run("return {a = params.a, b = params.b, c = params.c}"), context_->names_.params_);
}

}  // namespace
}  // namespace drydock::bindings
