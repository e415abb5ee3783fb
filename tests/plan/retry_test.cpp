#include "engine/plan/retry.h"

#include <gtest/gtest.h>

namespace drydock::plan {
namespace {

using std::chrono::seconds;

TEST(Retry, DoublesItsPausesUpToTheLimit) {
    const RetryPolicy policy{.times = 5, .limit = {}, .every = seconds(2), .up_to = seconds(10)};
    EXPECT_EQ(next_pause(policy, 1, {}), seconds(2));
    EXPECT_EQ(next_pause(policy, 2, {}), seconds(4));
    EXPECT_EQ(next_pause(policy, 3, {}), seconds(8));
    EXPECT_EQ(next_pause(policy, 4, {}), seconds(10));
    EXPECT_EQ(next_pause(policy, 5, {}), seconds(10));
    EXPECT_EQ(next_pause(policy, 6, {}), std::nullopt);
}

TEST(Retry, KeepsASteadyPaceWithoutAnUpperPause) {
    const RetryPolicy policy{.times = 0, .limit = seconds(60), .every = seconds(5), .up_to = {}};
    EXPECT_EQ(next_pause(policy, 7, seconds(30)), seconds(5));
    EXPECT_EQ(next_pause(policy, 12, seconds(56)), std::nullopt);
}

TEST(Retry, HasNoneWhereNothingIsSaid) {
    EXPECT_EQ(next_pause(RetryPolicy{}, 1, {}), std::nullopt);
}

TEST(Retry, NeverRepeatsWhatStaysWrong) {
    EXPECT_FALSE(may_retry(ErrorCode::Lua));
    EXPECT_FALSE(may_retry(ErrorCode::Sql));
    EXPECT_FALSE(may_retry(ErrorCode::Permission));
    EXPECT_TRUE(may_retry(ErrorCode::Busy));
    EXPECT_TRUE(may_retry(ErrorCode::Check));
}

}  // namespace
}  // namespace drydock::plan
