#include "engine/cancel.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/clock.h"

namespace drydock {
namespace {

TEST(CancelToken, TakesTheStrongerWish) {
    CancelToken token;
    token.request(StopReason::Cancel);
    token.request(StopReason::AtSafePoint);
    EXPECT_EQ(token.reason(), StopReason::Cancel);
}

TEST(CancelToken, ForgetsADeadlineButNotTheRunsWish) {
    CancelToken token;
    token.request(StopReason::AtSafePoint);
    token.request(StopReason::Deadline);
    EXPECT_TRUE(token.stop_now());
    token.begin_attempt();
    EXPECT_EQ(token.reason(), StopReason::AtSafePoint);
}

TEST(CancelToken, WakesWhatBlocksOnceAndOnlyWhenItMustStopNow) {
    CancelToken token;
    int woken = 0;
    const CancelToken::Waker waker(token, [&] { ++woken; });
    token.request(StopReason::AtSafePoint);
    EXPECT_EQ(woken, 0);
    token.request(StopReason::Interrupt);
    token.request(StopReason::Deadline);
    EXPECT_EQ(woken, 1);
}

TEST(CancelToken, WakesALateComerAtOnce) {
    CancelToken token;
    token.request(StopReason::Interrupt);
    bool woken = false;
    const CancelToken::Waker waker(token, [&] { woken = true; });
    EXPECT_TRUE(woken);
}

TEST(CancelToken, EndsASleepOfTheSystemClock) {
    CancelToken token;
    std::jthread other([&] { token.request(StopReason::Interrupt); });
    system_clock().sleep_until(system_clock().boot() + std::chrono::hours(1), token);
    EXPECT_TRUE(token.stop_now());
}

}  // namespace
}  // namespace drydock
