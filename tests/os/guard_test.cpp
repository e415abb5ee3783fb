#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "engine/os/command_host.h"
#include "engine/os/file_lock.h"
#include "engine/os/process.h"
#include "tests/os/child_process.h"
#include "tests/os/seam_switch.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

using Line = test::ChildProcess::Line;

// All processes that were given `entry` in their environment.
int processes_with(const std::string& entry) {
    int count = 0;
    for (const int pid : all_processes()) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(file), {}};
        if (all.find(entry) != std::string::npos) ++count;
    }
    return count;
}

// An engine in a process of its own that owns a run (byte 7 of `lock`) and runs one command.
class GuardTest : public testing::Test {
  protected:
    // The command has a child in another session; both are deaf to SIGTERM.
    static constexpr const char* kStubborn =
        "trap '' TERM; setsid sleep 1000 & echo ready; while :; do sleep 1000; done";

    void start_engine(const std::string& script) {
        engine_ = std::make_unique<test::ChildProcess>([this, script](const Line& line) {
            const auto lock = ByteLock::try_acquire(lock_, 7);
            CommandHost host(DRYDOCK_GUARD_PROGRAM, {lock->fd()});
            CancelToken cancel;
            CommandSpec spec;
            spec.program = "/bin/sh";
            spec.argv = {"sh", "-c", script};
            spec.directory = "/";
            spec.environment = {{"PATH", "/usr/bin:/bin"}, {"DRYDOCK_TEST_RUN", folder_.path()}};
            host.run(spec, cancel, [&](bool, std::string_view) { line.tell("ready"); });
            line.tell("ended");
        });
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
    [[nodiscard]] int alive() const { return processes_with("DRYDOCK_TEST_RUN=" + folder_.path()); }
    void TearDown() override {
        for (const int pid : all_processes()) {
            std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
            const std::string all{std::istreambuf_iterator<char>(file), {}};
            if (all.find(folder_.path()) != std::string::npos) ::kill(pid, SIGKILL);
        }
    }

    test::TemporaryFolder folder_;
    std::string lock_ = folder_ / "owners.lock";
    std::unique_ptr<test::ChildProcess> engine_;
};

TEST_F(GuardTest, KillsAllDescendantsOfAKilledEngineBeforeItsRunIsFree) {
    start_engine(kStubborn);
    ASSERT_EQ(engine_->hear(), "ready");
    EXPECT_GE(alive(), 2);
    engine_->kill();
    wait_for_lock();
    EXPECT_EQ(alive(), 0);
}

TEST_F(GuardTest, LeavesNothingAtWhicheverPointTheEngineIsKilled) {
    for (const std::string point : {"command.before_start", "command.started", "command.ended"}) {
        const test::KillAt kill(point);
        start_engine(point == "command.ended" ? "echo ready" : kStubborn);
        while (!engine_->hear().empty()) {
        }
        const int status = engine_->wait();
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point;
        wait_for_lock();
        EXPECT_EQ(alive(), 0) << point;
    }
}

TEST_F(GuardTest, LetsAnObedientCommandCleanUpWhenTheEngineIsKilled) {
    // Its streams are broken pipes by then, and dash reports the death of `sleep` on one.
    start_engine("exec 2>/dev/null; trap 'echo bye > " + (folder_ / "left") +
                 "; exit' TERM; echo ready; while :; do sleep 0.01; done");
    ASSERT_EQ(engine_->hear(), "ready");
    engine_->kill();
    wait_for_lock();
    EXPECT_EQ(folder_.get("left"), "bye\n");
}

TEST_F(GuardTest, LeavesThemAliveWhenItIsTakenAway) {
    const test::Without without(Protection::Guard);
    start_engine(kStubborn);
    ASSERT_EQ(engine_->hear(), "ready");
    engine_->kill();
    wait_for_lock();
    EXPECT_GE(alive(), 2) << "the control shows nothing: something else killed them";
}

TEST_F(GuardTest, FreesTheRunTooEarlyWithoutItsLock) {
    const test::Without without(Protection::GuardLock);
    start_engine(kStubborn);
    ASSERT_EQ(engine_->hear(), "ready");
    engine_->kill();
    wait_for_lock();
    EXPECT_GE(alive(), 2) << "the control shows nothing: the run was not free before they died";
}

}  // namespace
}  // namespace drydock::os
