// The run that touches every primitive, killed once at each kill point that it passes. Afterwards
// the world must be the one of a run that nobody disturbed.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "tests/crash/victim.h"

namespace drydock::crash {
namespace {

struct Undisturbed {
    World world;
    std::vector<std::string> points;
};

Undisturbed undisturbed() {
    const Victim victim;
    const Ended ended =
        victim.start("everything.yaml", {{"DRYDOCK_KILL_LOG", victim.file("points")}});
    EXPECT_EQ(ended.exit, 0) << ended.text;
    return {victim.world(), victim.kill_points()};
}

TEST(KillPoints, EndInTheSameWorldWhereverTheRunIsKilled) {
    const Undisturbed expected = undisturbed();
    ASSERT_GT(expected.points.size(), 100U);
    // In CI every third pass is tried, but each name at least once; the campaign tries all.
    const int stride = count_from_environment("DRYDOCK_KILL_STRIDE", 3);
    std::map<std::string, int> tried;
    int kills = 0, resumes = 0;
    for (std::size_t at = 0; at < expected.points.size(); ++at) {
        const std::string& name = expected.points[at];
        if (tried.contains(name) && at % static_cast<std::size_t>(stride) != 0) continue;
        const Victim victim;
        const Ended ended =
            victim.start("everything.yaml", {{"DRYDOCK_KILL_NTH", std::to_string(at + 1)}});
        ASSERT_TRUE(ended.killed) << name << " #" << at << ": " << ended.text;
        ++kills;
        ++tried[name];
        std::string text;
        const int taken = victim.bring_to_an_end("everything.yaml", {}, &text);
        ASSERT_GT(taken, 0) << "killed at " << name << " #" << at << "\n" << text;
        resumes += taken;
        const World world = victim.world();
        EXPECT_EQ(world.databases, expected.world.databases) << "killed at " << name << " #" << at;
        EXPECT_EQ(world.files, expected.world.files) << "killed at " << name << " #" << at;
        EXPECT_EQ(world.outputs, expected.world.outputs) << "killed at " << name << " #" << at;
        EXPECT_EQ(victim.complaints(), "") << "killed at " << name << " #" << at;
        EXPECT_TRUE(victim.orphans().empty()) << "killed at " << name << " #" << at;
    }
    std::printf("killed %d times at %zu of %zu passes of %zu kill points, taken up %d times\n",
                kills, static_cast<std::size_t>(kills), expected.points.size(), tried.size(),
                resumes);
}

// Killed, and killed again while it is taken up.
TEST(KillPoints, SurviveASecondKillDuringTheResume) {
    const Undisturbed expected = undisturbed();
    const int rounds = count_from_environment("DRYDOCK_DOUBLE_KILLS", 12);
    int kills = 0;
    for (int round = 0; round < rounds; ++round) {
        const auto first = static_cast<std::size_t>(round) * expected.points.size() /
                           static_cast<std::size_t>(rounds);
        const Victim victim;
        if (victim.start("everything.yaml", {{"DRYDOCK_KILL_NTH", std::to_string(first + 1)}})
                .killed)
            ++kills;
        for (const int second : {2, 5, 9}) {
            if (victim.has_run() &&
                victim.resume({{"DRYDOCK_KILL_NTH", std::to_string(second)}}).killed)
                ++kills;
        }
        std::string text;
        ASSERT_GT(victim.bring_to_an_end("everything.yaml", {}, &text), 0)
            << "round " << round << "\n"
            << text;
        EXPECT_EQ(victim.world(), expected.world) << "round " << round;
        EXPECT_EQ(victim.complaints(), "") << "round " << round;
        EXPECT_TRUE(victim.orphans().empty()) << "round " << round;
    }
    std::printf("%d kills in %d rounds\n", kills, rounds);
}

}  // namespace
}  // namespace drydock::crash
