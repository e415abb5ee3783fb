// Each protection taken away: then the same kill does harm. A protection whose absence nobody
// notices would protect nothing.

#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>

#include "tests/crash/victim.h"

namespace drydock::crash {
namespace {

struct Harm {
    bool ended = false;
    World world;
    std::string complaints;
};

Harm after_kill(const std::string& runbook, const std::string& at, const std::string& without) {
    const Victim victim;
    const Environment protection =
        without.empty() ? Environment{} : Environment{{"DRYDOCK_WITHOUT", without}};
    Environment killed = protection;
    killed.emplace("DRYDOCK_KILL_AT", at);
    const Ended ended = victim.start(runbook, killed);
    EXPECT_TRUE(ended.killed) << at << ": " << ended.text;
    Harm harm;
    harm.ended = victim.bring_to_an_end(runbook, protection) > 0;
    harm.world = victim.world();
    harm.complaints = victim.complaints();
    return harm;
}

World calm_world(const std::string& runbook) {
    const Victim victim;
    EXPECT_EQ(victim.start(runbook).exit, 0);
    return victim.world();
}

struct Control {
    const char* protection;
    const char* runbook;
    const char* at;
};

class Protections : public testing::TestWithParam<Control> {};

TEST_P(Protections, AreMissedWhenTheyAreTakenAway) {
    const auto [protection, runbook, at] = GetParam();
    const World calm = calm_world(runbook);
    const Harm with = after_kill(runbook, at, "");
    EXPECT_TRUE(with.ended);
    EXPECT_EQ(with.world, calm);
    const Harm without = after_kill(runbook, at, protection);
    EXPECT_FALSE(without.ended && without.world == calm && without.complaints.empty())
        << "without " << protection << " nothing went wrong";
}

INSTANTIATE_TEST_SUITE_P(
    Seam, Protections,
    testing::Values(
        // Work committed, the journal not yet: without the receipt it is done again. (The first
        // commit makes the table of receipts.)
        Control{"receipt", "everything.yaml", "target.after_commit#2"},
        // The program has run, nobody recorded that it began: it runs again.
        Control{"effect_record", "everything.yaml", "command.ended#1"},
        // once() has called its function and the value is gone: it is called again.
        Control{"once_record", "once.yaml", "once.after_record#1"}),
    [](const auto& control) { return std::string(control.param.protection); });

TEST(Guard, KillsTheCommandOfAnEngineThatDied) {
    const auto survivor_writes = [](const Environment& protection) {
        const Victim victim;
        Environment killed = protection;
        killed.emplace("DRYDOCK_KILL_AT", "command.started#1");
        EXPECT_TRUE(victim.start("slow_command.yaml", killed).killed);
        // The command waits until this file is there, then leaves its mark.
        std::ofstream(victim.file("out/go")) << "go";
        while (!victim.orphans().empty()) ::poll(nullptr, 0, 10);
        return std::filesystem::exists(victim.file("out/mark"));
    };
    EXPECT_FALSE(survivor_writes({}));
    EXPECT_TRUE(survivor_writes({{"DRYDOCK_WITHOUT", "guard"}}));
}

TEST(Guard, KeepsTheRunOwnedUntilTheLastChildIsDead) {
    // The command ignores SIGTERM, so the guard needs its grace to bury it.
    const auto resumed_at_once = [](const Environment& protection) {
        const Victim victim;
        EXPECT_TRUE(victim.start("stubborn_command.yaml", protection).killed);
        const Ended ended = victim.drydock({"undo", "last"}, protection);
        const bool refused =
            ended.exit == 5 && ended.text.find("is running on") != std::string::npos;
        while (!victim.orphans().empty()) ::poll(nullptr, 0, 10);
        return !refused;
    };
    EXPECT_FALSE(resumed_at_once({}));
    EXPECT_TRUE(resumed_at_once({{"DRYDOCK_WITHOUT", "guard_lock"}}));
}

}  // namespace
}  // namespace drydock::crash
