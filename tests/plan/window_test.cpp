#include "engine/plan/window.h"

#include <gtest/gtest.h>

#include "engine/error.h"

namespace drydock::plan {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t kHour = 3'600'000'000;
// 2026-11-22 is a Sunday; 01:00 UTC is 02:00 in Berlin.
constexpr std::int64_t kSunday1Utc = 1'795'309'200'000'000;

WindowTimes sunday() { return parse_window("Sun 02:00", hours(2), minutes(30), "Europe/Berlin"); }

TEST(Window, IsOpenFromItsTimeUntilTheReserve) {
    ASSERT_EQ(to_text(Timestamp{kSunday1Utc}), "2026-11-22T01:00:00Z");
    EXPECT_FALSE(window_at(sunday(), {kSunday1Utc - 1}).open);
    EXPECT_TRUE(window_at(sunday(), {kSunday1Utc}).open);
    EXPECT_TRUE(window_at(sunday(), {kSunday1Utc + kHour * 3 / 2 - 1}).open);
    EXPECT_FALSE(window_at(sunday(), {kSunday1Utc + kHour * 3 / 2}).open);
}

TEST(Window, NamesTheNextOpening) {
    const WindowNow now = window_at(sunday(), {kSunday1Utc + 2 * kHour});
    EXPECT_EQ(now.opens.micros, kSunday1Utc + 7 * 24 * kHour);
}

TEST(Window, OpensAfterTheGapWhenItsLocalTimeDoesNotExist) {
    // Berlin, 2026-03-29: 02:00 becomes 03:00, which is 01:00 UTC.
    const WindowTimes times = parse_window("02:30", hours(1), {}, "Europe/Berlin");
    const std::int64_t gap_end = 1'774'746'000'000'000;
    ASSERT_EQ(to_text(Timestamp{gap_end}), "2026-03-29T01:00:00Z");
    EXPECT_FALSE(window_at(times, {gap_end - 1}).open);
    EXPECT_EQ(window_at(times, {gap_end - 1}).opens.micros, gap_end);
}

TEST(Window, TakesTheFirstOfTwoEqualLocalTimes) {
    // Berlin, 2026-10-25: 02:30 happens at 00:30 and at 01:30 UTC.
    const WindowTimes times = parse_window("02:30", minutes(30), {}, "Europe/Berlin");
    const std::int64_t first = 1'792'888'200'000'000;
    ASSERT_EQ(to_text(Timestamp{first}), "2026-10-25T00:30:00Z");
    EXPECT_TRUE(window_at(times, {first}).open);
    EXPECT_FALSE(window_at(times, {first + kHour}).open);
}

TEST(Window, RefusesWhatIsNoTime) {
    EXPECT_THROW((void)parse_window("Sun 25:00", hours(1), {}, "UTC"), Error);
    EXPECT_THROW((void)parse_window("Son 02:00", hours(1), {}, "UTC"), Error);
    EXPECT_THROW((void)window_at(parse_window("02:00", hours(1), {}, "Mars/Olympus"), {0}), Error);
}

}  // namespace
}  // namespace drydock::plan
