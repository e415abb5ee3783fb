#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <sstream>

#include "engine/os/command_host.h"
#include "engine/os/file_lock.h"
#include "tests/os/child_process.h"
#include "tests/os/seam_switch.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

using Line = test::ChildProcess::Line;

// An engine in a process of its own that owns a run (byte 7 of `lock`) and runs a command with a
// child in another session, both deaf to SIGTERM. It is killed like by kill -9 or a crash.
class GuardTest : public testing::Test {
  protected:
    void start_engine() {
        engine_ = std::make_unique<test::ChildProcess>([path = lock_](const Line& line) {
            const auto lock = ByteLock::try_acquire(path, 7);
            CommandHost host(DRYDOCK_GUARD_PROGRAM, {lock->fd()});
            CancelToken cancel;
            CommandSpec spec;
            spec.program = "/bin/sh";
            spec.argv = {"sh", "-c", "trap '' TERM; setsid sleep 1000 & echo $! $$; while :; do sleep 1; done"};
            spec.directory = "/";
            spec.environment = {{"PATH", "/usr/bin:/bin"}};
            host.run(spec, cancel, [&](bool, std::string_view piece) {
                line.tell(std::string(piece.substr(0, piece.find('\n'))));
            });
        });
        std::istringstream pids(engine_->hear());
        ASSERT_TRUE(pids >> pids_[0] >> pids_[1]);
    }
    // Waits until nobody holds the run any more.
    void wait_for_lock() const {
        const UniqueFd fd(::open(lock_.c_str(), O_RDWR | O_CLOEXEC));
        struct flock byte {};
        byte.l_type = F_WRLCK;
        byte.l_start = 7;
        byte.l_len = 1;
        ASSERT_EQ(::fcntl(fd.get(), F_OFD_SETLKW, &byte), 0);
    }
    [[nodiscard]] int alive() const {
        return (::kill(pids_[0], 0) == 0 ? 1 : 0) + (::kill(pids_[1], 0) == 0 ? 1 : 0);
    }
    void TearDown() override {
        for (const pid_t pid : pids_) {
            if (pid > 0) ::kill(pid, SIGKILL);
        }
    }

    test::TemporaryFolder folder_;
    std::string lock_ = folder_ / "owners.lock";
    std::unique_ptr<test::ChildProcess> engine_;
    std::array<pid_t, 2> pids_{};
};

TEST_F(GuardTest, KillsAllDescendantsOfAKilledEngineBeforeItsRunIsFree) {
    start_engine();
    EXPECT_EQ(alive(), 2);
    engine_->kill();
    wait_for_lock();
    EXPECT_EQ(alive(), 0);
}

TEST_F(GuardTest, LeavesThemAliveWhenItIsTakenAway) {
    const test::Without without(Protection::Guard);
    start_engine();
    engine_->kill();
    wait_for_lock();
    EXPECT_EQ(alive(), 2) << "the control shows nothing: something else killed them";
}

TEST_F(GuardTest, FreesTheRunTooEarlyWithoutItsLock) {
    const test::Without without(Protection::GuardLock);
    start_engine();
    engine_->kill();
    wait_for_lock();
    EXPECT_EQ(alive(), 2) << "the control shows nothing: the run was not free before its children died";
}

}  // namespace
}  // namespace drydock::os
