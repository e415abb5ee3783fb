#include "engine/os/command_host.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "engine/clock.h"
#include "engine/error.h"
#include "engine/os/file_lock.h"
#include "tests/os/seam_switch.h"
#include "tests/os/temporary_folder.h"

namespace drydock::os {
namespace {

using How = CommandEnd::How;

CommandSpec shell(const std::string& script) {
    CommandSpec spec;
    spec.program = "/bin/sh";
    spec.argv = {"sh", "-c", script};
    spec.directory = "/";
    spec.environment = {{"PATH", "/usr/bin:/bin"}};
    spec.grace = Microseconds(50'000);
    return spec;
}

bool is_alive(pid_t pid) { return ::kill(pid, 0) == 0; }

class CommandHostTest : public testing::Test {
  protected:
    CommandEnd run(const CommandSpec& spec) {
        return host_.run(spec, cancel_, [this](bool error, std::string_view piece) {
            (error ? heard_error_ : heard_) += piece;
            if (on_output_) on_output_();
        });
    }
    CommandEnd run(const std::string& script) { return run(shell(script)); }

    CommandHost host_{DRYDOCK_GUARD_PROGRAM, {}};
    CancelToken cancel_;
    std::string heard_;
    std::string heard_error_;
    std::function<void()> on_output_;
};

TEST_F(CommandHostTest, GivesBothStreamsAndTheExitStatus) {
    (void)test::take_kill_points();
    const CommandEnd end = run("echo out; echo err >&2; exit 3");
    EXPECT_EQ(end.how, How::Exited);
    EXPECT_EQ(end.status, 3);
    EXPECT_EQ(end.output, "out\n");
    EXPECT_EQ(end.error, "err\n");
    EXPECT_EQ(heard_, "out\n");
    EXPECT_EQ(heard_error_, "err\n");
    EXPECT_EQ(
        test::take_kill_points(),
        (std::vector<std::string>{"command.before_start", "command.started", "command.ended"}));
}

TEST_F(CommandHostTest, ServesAllCommandsOfARunWithOneGuard) {
    const std::string first = run("echo $PPID").output;
    EXPECT_EQ(run("echo $PPID").output, first);
    EXPECT_NE(first, std::to_string(::getpid()) + "\n");
}

TEST_F(CommandHostTest, SaysWhichSignalEndedIt) {
    const CommandEnd end = run("kill -9 $$");
    EXPECT_EQ(end.how, How::Signaled);
    EXPECT_EQ(end.status, SIGKILL);
}

TEST_F(CommandHostTest, SaysWhatCouldNotBeStarted) {
    CommandSpec spec = shell("true");
    spec.program = "/no/such/program";
    CommandEnd end = run(spec);
    EXPECT_EQ(end.how, How::NotStarted);
    EXPECT_EQ(end.status, ENOENT);
    EXPECT_EQ(end.error, "/no/such/program: No such file or directory");
    spec = shell("true");
    spec.directory = "/no/such/folder";
    EXPECT_EQ(run(spec).error, "working folder /no/such/folder: No such file or directory");
    EXPECT_EQ(run("echo fine").output, "fine\n");
}

TEST_F(CommandHostTest, GivesExactlyTheEnvironmentAndTheFolderThatWereAsked) {
    const test::TemporaryFolder folder;
    CommandSpec spec = shell("env | grep -v -e ^_= -e ^PWD= -e ^SHLVL= | sort; pwd");
    spec.directory = folder.path();
    spec.environment.emplace_back("GREETING", "hello world=");
    EXPECT_EQ(run(spec).output,
              "GREETING=hello world=\nPATH=/usr/bin:/bin\n" + folder.path() + "\n");
}

TEST_F(CommandHostTest, GivesNothingButTheThreeStreams) {
    const test::TemporaryFolder folder;
    const auto lock = ByteLock::try_acquire(folder / "lock", 1);
    const int leaked = ::open("/dev/null", O_RDONLY);  // on purpose without O_CLOEXEC
    CommandHost host(DRYDOCK_GUARD_PROGRAM, {lock->fd()});
    // `ls` itself opens one to read the folder.
    const CommandEnd end =
        host.run(shell("exec ls /proc/self/fd"), cancel_, [](bool, std::string_view) {});
    EXPECT_EQ(end.output, "0\n1\n2\n3\n");
    ::close(leaked);
}

TEST_F(CommandHostTest, RunsInASessionAndGroupOfItsOwnWithDefaultSignals) {
    ::signal(SIGHUP, SIG_IGN);
    // The shell's own line in /proc: pid (comm) state ppid pgrp session …
    const CommandEnd end = run("cat /proc/$$/stat; kill -HUP $$; echo survived");
    ::signal(SIGHUP, SIG_DFL);
    int pid = 0, parent = 0, group = 0, session = 0;
    char state = 0;
    ASSERT_EQ(std::sscanf(end.output.c_str(), "%d (%*[^)]) %c %d %d %d", &pid, &state, &parent,
                          &group, &session),
              5)
        << end.output;
    EXPECT_EQ(group, pid);
    EXPECT_NE(session, ::getsid(0));
    EXPECT_EQ(end.how, How::Signaled);
    EXPECT_EQ(end.status, SIGHUP);
}

TEST_F(CommandHostTest, FeedsALargeInputWhileItReadsALargeOutput) {
    CommandSpec spec = shell("cat; echo done >&2");
    spec.input.assign(5'000'000, 'x');
    spec.keep_output_bytes = 10'000'000;
    const CommandEnd end = run(spec);
    EXPECT_EQ(end.output, spec.input);
    EXPECT_EQ(end.error, "done\n");
}

TEST_F(CommandHostTest, IsNotDisturbedByACommandThatDoesNotReadItsInput) {
    CommandSpec spec = shell("exec <&-; echo closed");
    spec.input.assign(5'000'000, 'x');
    EXPECT_EQ(run(spec).output, "closed\n");
}

TEST_F(CommandHostTest, GivesAnEmptyInputWhenThereIsNone) { EXPECT_EQ(run("wc -c").output, "0\n"); }

TEST_F(CommandHostTest, KeepsTheBeginningAndCountsTheRestInBoundedMemory) {
    struct rusage before {};
    ::getrusage(RUSAGE_SELF, &before);
    CommandSpec spec =
        shell("echo beginning; head -c 300000000 /dev/zero; head -c 1000 /dev/zero >&2");
    spec.keep_output_bytes = 10;
    std::int64_t heard = 0;
    const CommandEnd end =
        host_.run(spec, cancel_, [&](bool, std::string_view piece) { heard += std::ssize(piece); });
    struct rusage after {};
    ::getrusage(RUSAGE_SELF, &after);
    EXPECT_EQ(end.output, "beginning\n");
    EXPECT_EQ(end.output_bytes, 300'000'010);
    EXPECT_EQ(end.error_bytes, 1000);
    EXPECT_EQ(heard, 300'001'010);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 20'000) << "KiB";
}

TEST_F(CommandHostTest, TakesArgumentListsLargerThanAPacket) {
    CommandSpec spec = shell("echo $#");
    for (int count = 0; count < 100; ++count) spec.argv.emplace_back(10'000, 'x');
    EXPECT_EQ(run(spec).output, "99\n");
}

TEST_F(CommandHostTest, EndsACommandAtItsDeadline) {
    CommandSpec spec = shell("while :; do sleep 1; done");
    spec.boot_deadline = system_clock().boot();
    const CommandEnd end = run(spec);
    EXPECT_EQ(end.how, How::TimedOut);
    EXPECT_EQ(end.status, SIGTERM);
}

TEST_F(CommandHostTest, KillsACommandThatIgnoresSigterm) {
    on_output_ = [this] { cancel_.request(StopReason::Interrupt); };
    const CommandEnd end = run("trap '' TERM; echo ready; while :; do sleep 1; done");
    EXPECT_EQ(end.how, How::Stopped);
    EXPECT_EQ(end.status, SIGKILL);
}

TEST_F(CommandHostTest, LetsACommandCleanUpAfterSigterm) {
    on_output_ = [this] { cancel_.request(StopReason::Cancel); };
    CommandSpec spec =
        shell("trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.01; done");
    spec.grace = Microseconds(60'000'000);
    const CommandEnd end = run(spec);
    EXPECT_EQ(end.how, How::Stopped);
    EXPECT_EQ(end.status, 5);
    EXPECT_EQ(end.output, "ready\nbye\n");
}

TEST_F(CommandHostTest, EndsACommandThatItselfWasStopped) {
    on_output_ = [this] {
        ::kill(std::stoi(heard_), SIGSTOP);
        cancel_.request(StopReason::Interrupt);
    };
    CommandSpec spec = shell("echo $$; while :; do sleep 1; done");
    spec.grace = Microseconds(60'000'000);
    EXPECT_EQ(run(spec).status, SIGTERM);
}

TEST_F(CommandHostTest, TellsTheWatchersDeadlineFromACancel) {
    on_output_ = [this] { cancel_.request(StopReason::Deadline); };
    EXPECT_EQ(run("echo ready; while :; do sleep 1; done").how, How::TimedOut);
}

TEST_F(CommandHostTest, StopsAtOnceWhenItIsAskedBeforeItBegins) {
    cancel_.request(StopReason::Interrupt);
    EXPECT_EQ(run("while :; do sleep 1; done").how, How::Stopped);
}

TEST_F(CommandHostTest, KillsADaemonThatTheCommandLeft) {
    const CommandEnd end =
        run("(setsid sh -c 'trap \"\" TERM; echo $$; exec sleep 1000' &) | head -1");
    EXPECT_EQ(end.how, How::Exited);
    const pid_t daemon = std::stoi(end.output);
    EXPECT_FALSE(is_alive(daemon));
}

TEST_F(CommandHostTest, EndsTheCommandWhenTheListenerThrows) {
    on_output_ = [] { throw Error(ErrorCode::File, "the log is full"); };
    EXPECT_THROW(run("trap '' TERM; echo $$; while :; do sleep 1; done"), Error);
    EXPECT_FALSE(is_alive(std::stoi(heard_)));
    on_output_ = nullptr;
    EXPECT_EQ(run("echo fine").output, "fine\n");
}

TEST_F(CommandHostTest, KillsTheCommandItselfWhenItsGuardIsKilled) {
    on_output_ = [this] { ::kill(std::stoi(heard_), SIGKILL); };
    try {
        run("setsid sleep 1000 & echo $PPID $! $$; while :; do sleep 1; done");
        FAIL() << "the guard was not missed";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(),
                  "the guard of commands was killed by signal 9; the command was killed");
    }
    std::istringstream pids(heard_);
    for (int pid = 0; pids >> pid;) EXPECT_FALSE(is_alive(pid)) << heard_;
    on_output_ = nullptr;
    EXPECT_EQ(run("echo fine").output, "fine\n");
}

TEST(CommandHostStart, SaysThatThereIsNoGuard) {
    CommandHost host("/no/such/guard", {});
    CancelToken cancel;
    try {
        host.run(shell("true"), cancel, [](bool, std::string_view) {});
        FAIL() << "started";
    } catch (const Error& error) {
        EXPECT_EQ(error.message(), "cannot start /no/such/guard as the guard of commands");
    }
}

}  // namespace
}  // namespace drydock::os
