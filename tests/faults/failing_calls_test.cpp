// A run in which each system call on files fails in turn. Whatever fails, the run has succeeded as
// if nothing had been, or the program ends with one of its documented statuses; then `resume`
// brings it to its end, and the world is the one of a run that nobody disturbed.

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include "tests/crash/victim.h"

namespace drydock::crash {
namespace {

struct Fault {
    const char* kind;
    bool stays = false;
};

class FailingCalls : public testing::TestWithParam<Fault> {
  protected:
    // How many of `calls` are tried: one in DRYDOCK_FAULT_STRIDE, or DRYDOCK_MEMORY_TRIES of all.
    static int stride_for(int calls) {
        if (std::string(GetParam().kind) != "memory")
            return count_from_environment("DRYDOCK_FAULT_STRIDE", 53);
        return std::max(1, calls / count_from_environment("DRYDOCK_MEMORY_TRIES", 25));
    }
    static Environment failing(const Victim& victim, int nth) {
        Environment extra{{"LD_PRELOAD", FAILING_CALLS},
                          {"DRYDOCK_FAULT", GetParam().kind},
                          {"DRYDOCK_FAULT_NTH", std::to_string(nth)},
                          {"DRYDOCK_FAULT_NOTE", victim.file("fault")}};
        if (GetParam().stays) extra["DRYDOCK_FAULT_STAYS"] = "1";
        return extra;
    }
    // What failed, or how many calls there were.
    static std::string noted(const Victim& victim) {
        std::ifstream file(victim.file("fault"));
        std::string text;
        std::getline(file, text);
        return text;
    }

    // A run that was taken up by a person before the fault: killed at its n-th kill point.
    static void leave_half(const Victim& victim) {
        const Ended killed = victim.start("small.yaml", {{"DRYDOCK_KILL_NTH", "30"}});
        ASSERT_TRUE(killed.killed) << killed.text;
    }

    static void expect_same_end(const Victim& victim, const World& expected) {
        std::string text;
        ASSERT_GT(victim.bring_to_an_end("small.yaml", {}, &text), 0) << text;
        const World world = victim.world();
        EXPECT_EQ(world.databases, expected.databases);
        EXPECT_EQ(world.files, expected.files);
        EXPECT_EQ(world.outputs, expected.outputs);
        EXPECT_EQ(victim.complaints(), "");
    }

    // Calls of `command` fail, one after another, each time from a world that `prepare` makes.
    void fail_each(const char* command, const std::function<void(const Victim&)>& prepare,
                   const std::function<Ended(const Victim&, const Environment&)>& act) {
        // What is documented for a run that could not go on; 70 would be a bug of ours. Want of
        // memory is neither a mistake in the runbook (2) nor damage of the journal (8).
        const bool no_memory = std::string(GetParam().kind) == "memory";
        const std::set<int> documented = no_memory ? std::set<int>{0, 1, 9}
                                                   : std::set<int>{0, 1, 2, 3, 4, 5, 8, 9};
        const World expected = undisturbed();
        std::map<int, int> exits;
        int calls = 0, tried = 0;
        {
            const Victim victim;
            prepare(victim);
            const Ended ended = act(victim, failing(victim, 0));
            ASSERT_EQ(ended.exit, 0) << ended.text;
            calls = std::atoi(noted(victim).c_str());
            // A call that the command does not make cannot fail.
            if (calls == 0) return;
        }
        const int first = count_from_environment("DRYDOCK_FAULT_FIRST", 1);
        for (int nth = first; nth <= calls; nth += stride_for(calls)) {
            const Victim victim;
            prepare(victim);
            const Ended ended = act(victim, failing(victim, nth));
            const std::string call = noted(victim);
            SCOPED_TRACE(std::string(command) + ": " + GetParam().kind + " at call " +
                         std::to_string(nth) + ", " + call + ", exit " +
                         std::to_string(ended.exit) + "\n" + ended.text);
            ++tried;
            ++exits[ended.exit];
            // Where C++ cannot go on without memory (a thread, a destructor) the process ends at
            // once, which is the same as being killed.
            EXPECT_FALSE(ended.killed && !no_memory);
            EXPECT_TRUE(documented.contains(ended.exit) || ended.killed);
            // SQLite syncs its log once more when it closes, where nothing hangs on it; that a
            // commit does is held by JournalSync.AFailedSyncIsAFailedCommit.
            const bool must_fail =
                call.find("sync") != std::string::npos && !call.ends_with("-wal");
            EXPECT_FALSE(must_fail && ended.exit == 0);
            expect_same_end(victim, expected);
            if (HasFailure()) break;  // the others say the same
        }
        std::printf("%s, %s%s: %d of %d calls failed; exits", command, GetParam().kind,
                    GetParam().stays ? " for good" : "", tried, calls);
        for (const auto& [exit, times] : exits) std::printf(" %d: %d", exit, times);
        std::printf("\n");
    }

    static World undisturbed() {
        const Victim victim;
        const Ended ended = victim.start("small.yaml");
        EXPECT_EQ(ended.exit, 0) << ended.text;
        return victim.world();
    }
};

TEST_P(FailingCalls, LeaveARunThatCanBeResumed) {
    fail_each(
        "run", [](const Victim&) {},
        [](const Victim& victim, const Environment& extra) {
            return victim.start("small.yaml", extra);
        });
}

TEST_P(FailingCalls, LeaveAResumeThatCanBeRepeated) {
    fail_each("resume", leave_half,
              [](const Victim& victim, const Environment& extra) { return victim.resume(extra); });
}

TEST_P(FailingCalls, LeaveTheReaderWithAMessage) {
    fail_each(
        "check", [](const Victim&) {},
        [](const Victim& victim, const Environment& extra) {
            return victim.drydock({"check", std::string(CRASH_FOLDER) + "/small.yaml"}, extra);
        });
}

INSTANTIATE_TEST_SUITE_P(Kinds, FailingCalls,
                         testing::Values(Fault{"eio"}, Fault{"enospc"}, Fault{"eintr"},
                                         Fault{"emfile"}, Fault{"enomem"}, Fault{"short"},
                                         Fault{"memory"}, Fault{"eio", true},
                                         Fault{"enospc", true}),
                         [](const auto& one) {
                             return std::string(one.param.kind) + (one.param.stays ? "_stays" : "");
                         });

}  // namespace
}  // namespace drydock::crash
