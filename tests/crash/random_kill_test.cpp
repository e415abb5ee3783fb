// kill -9 at moments that nobody chose. DRYDOCK_RANDOM_KILLS says how many (500 in the campaign);
// DRYDOCK_SEED repeats one.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "tests/crash/victim.h"

namespace drydock::crash {
namespace {

TEST(RandomKills, EndInTheSameWorld) {
    const Victim calm;
    const auto began = std::chrono::steady_clock::now();
    ASSERT_EQ(calm.start("everything.yaml").exit, 0);
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::steady_clock::now() - began)
                          .count();
    const World expected = calm.world();

    const int wanted = count_from_environment("DRYDOCK_RANDOM_KILLS", 25);
    const int seed =
        count_from_environment("DRYDOCK_SEED", static_cast<int>(std::random_device{}() & 0xffffff));
    std::printf("seed %d, an undisturbed run takes %lld us\n", seed, static_cast<long long>(took));
    std::mt19937 random(static_cast<unsigned>(seed));
    std::uniform_int_distribution<std::int64_t> moment(0, took);
    int kills = 0, runs = 0, resumes = 0;
    while (kills < wanted) {
        const Victim victim;
        ++runs;
        if (victim.start("everything.yaml", {}, moment(random)).killed) ++kills;
        while (random() % 2 == 0 && kills < wanted && victim.has_run()) {
            const Ended ended = victim.resume({}, moment(random));
            ++resumes;
            if (!ended.killed) break;
            ++kills;
        }
        std::string text;
        const int taken = victim.bring_to_an_end("everything.yaml", {}, &text);
        ASSERT_GT(taken, 0) << "seed " << seed << " run " << runs << "\n" << text;
        resumes += taken;
        EXPECT_EQ(victim.world(), expected) << "seed " << seed << " run " << runs;
        EXPECT_EQ(victim.complaints(), "") << "seed " << seed << " run " << runs;
        EXPECT_TRUE(victim.orphans().empty()) << "seed " << seed << " run " << runs;
        if (testing::Test::HasFailure()) return;
    }
    std::printf("%d kills of %d runs, taken up %d times\n", kills, runs, resumes);
}

}  // namespace
}  // namespace drydock::crash
