#include "engine/runbook/quantity.h"

#include <gtest/gtest.h>

namespace drydock::runbook {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, ReadsDurationsWithTheirUnits) {
    EXPECT_EQ(parse_duration("50ms")->length, 50ms);
    EXPECT_EQ(parse_duration("1h30m")->length, 90min);
    EXPECT_EQ(parse_duration("1.5s")->length, 1500ms);
    EXPECT_EQ(parse_duration("2w")->length, 14 * 24h);
    EXPECT_EQ(parse_duration("365d")->length, 365 * 24h);
    EXPECT_EQ(parse_duration("0s")->length, 0s);
}

TEST(Quantity, RefusesTextsThatAreNoDuration) {
    for (const char* text : {"", "5", "s", "1m1h", "1h1h", "-1s", "1 s", "1e3s", ".5s", "1.s", "1x",
                             "999999999999d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(Quantity, KeepsDurationsAndSizesInTheirRange) {
    EXPECT_TRUE(in_range(Duration{0s}) && in_range(Duration{50ms}) &&
                in_range(Duration{365 * 24h}));
    EXPECT_FALSE(in_range(Duration{49ms}) || in_range(Duration{366 * 24h}));
    EXPECT_TRUE(in_range(Size{0}) && in_range(*parse_size("10GiB")));
    EXPECT_FALSE(in_range(*parse_size("11GiB")));
}

TEST(Quantity, ReadsSizesInBinaryUnitsOnly) {
    EXPECT_EQ(parse_size("0B")->bytes, 0);
    EXPECT_EQ(parse_size("512KiB")->bytes, 512 << 10);
    EXPECT_EQ(parse_size("1.5GiB")->bytes, 3LL << 29);
    for (const char* text : {"", "5", "5KB", "5 MiB", "-1B", "KiB", "1GiB1MiB"})
        EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Quantity, ReadsTimestampsWithAZone) {
    EXPECT_EQ(parse_timestamp("1970-01-01T00:00:01Z")->micros, 1'000'000);
    EXPECT_EQ(to_text(*parse_timestamp("2026-11-21 03:00+01:00")), "2026-11-21T02:00:00Z");
    EXPECT_EQ(to_text(*parse_timestamp("2026-11-21T02:00:00.25-0530")),
              "2026-11-21T07:30:00.250000Z");
    EXPECT_EQ(parse_timestamp("2024-02-29T12:00Z")->micros % 60'000'000, 0);
}

TEST(Quantity, RefusesTimesThatAreNoMoment) {
    for (const char* text : {"2026-11-21T02:00:00", "2026-02-30T00:00Z", "2026-13-01T00:00Z",
                             "2026-11-21", "2026-11-21T24:00Z", "2026-11-21T02:00:60Z",
                             "2026-11-21T02:00+15:00", "2026-11-21T02:00Z!", "26-11-21T02:00Z"}) {
        EXPECT_FALSE(parse_timestamp(text)) << text;
    }
}

}  // namespace
}  // namespace drydock::runbook
