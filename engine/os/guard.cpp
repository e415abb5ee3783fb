#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "engine/check.h"
#include "engine/clock.h"
#include "engine/error.h"
#include "engine/os/command_host.h"
#include "engine/os/descendants.h"
#include "engine/os/guard_wire.h"
#include "engine/os/signals.h"
#include "engine/seam.h"

namespace drydock::os {
namespace {

// How long a command may clean up after itself when the engine has died.
constexpr Microseconds kGraceAfterEngine{2'000'000};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// What the command's process does between fork and exec. A failure goes through `report`.
[[noreturn]] void become_command(wire::Request& request, const std::vector<UniqueFd>& fds,
                                 int report) {
    wire::Answer failure{
        .kind = wire::Tell::NotStarted, .stage = wire::Stage::Directory, .number = 0};
    ::setpgid(0, 0);
    reset_signals_for_child();
    std::vector<char*> argv = pointers_to(request.argv);
    std::vector<char*> environment = pointers_to(request.environment);
    bool good = true;
    for (int stream = 0; stream < 3; ++stream) {
        good = good && ::dup2(fds[static_cast<std::size_t>(stream)].get(), stream) == stream;
    }
    // Nothing but the three streams: above all not the control channel, nor the owner's lock.
    good = good && ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0 &&
           ::chdir(request.directory.c_str()) == 0;
    if (good) {
        failure.stage = wire::Stage::Program;
        ::execve(request.program.c_str(), argv.data(), environment.data());
    }
    failure.number = errno;
    [[maybe_unused]] const ssize_t written = ::write(report, &failure, sizeof failure);
    ::_exit(127);
}

// The guard: serves one command after the other until the engine goes.
class Guard {
  public:
    explicit Guard(UniqueFd control) : control_(std::move(control)) {
        sigset_t child{};
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        CHECK(::sigprocmask(SIG_SETMASK, &child, nullptr) == 0);
        child_ended_.reset(::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
        CHECK(child_ended_.valid());
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
            ::signal(signal, SIG_IGN);
        }
    }

    void serve() {
        while (true) {
            std::array<pollfd, 2> watched{
                {{control_.get(), POLLIN, 0}, {child_ended_.get(), POLLIN, 0}}};
            if (::poll(watched.data(), watched.size(), -1) < 0) continue;
            if (watched[1].revents != 0) reap();
            if (watched[0].revents != 0 && !obey()) return;
        }
    }

    void kill_everything() { kill_descendants(ended_); }

  private:
    // False when the engine is gone.
    bool obey() {
        std::optional<wire::Asked> asked = wire::receive_ask(control_.get());
        if (!asked) {
            if (protected_by(Protection::Guard)) end_all();
            return false;
        }
        switch (asked->ask) {
            case wire::Ask::Start: start(asked->fds); break;
            case wire::Ask::Terminate: signal_group(SIGTERM); break;
            case wire::Ask::Kill:
                signal_group(SIGKILL);
                if (command_ > 0) kill_children();
                break;
        }
        return true;
    }

    void start(std::vector<UniqueFd>& fds) {
        CHECK(command_ == 0 && fds.size() == 4);
        wire::Request request = wire::from_file(fds[3].get());
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw_errno(ErrorCode::Command, "starting a command", errno);
        }
        const UniqueFd report_in(ends[0]);
        UniqueFd report_out(ends[1]);
        const pid_t pid = ::fork();
        if (pid < 0) {
            answer(
                {.kind = wire::Tell::NotStarted, .stage = wire::Stage::Program, .number = errno});
            return;
        }
        if (pid == 0) become_command(request, fds, report_out.get());
        ::setpgid(pid, pid);  // also here: whoever comes first, the group is there
        command_ = pid;
        report_out.reset();
        fds.clear();
        wire::Answer failure;
        if (::read(report_in.get(), &failure, sizeof failure) ==
            static_cast<ssize_t>(sizeof failure)) {
            kill_descendants(ended_);
            command_ = 0;
            answer(failure);
        } else {
            answer({.kind = wire::Tell::Started, .stage = wire::Stage::None, .number = pid});
        }
    }

    // Orphans are reaped as they end. With the command itself, everything that it left ends too,
    // before the engine hears of it: nothing outlives its step.
    void reap() {
        drain_child_ended();
        reap_children(ended_);
        if (command_ == 0 || !status_) return;
        kill_descendants(ended_);
        const int status = *status_;
        command_ = 0;
        status_.reset();
        answer({.kind = wire::Tell::Ended, .stage = wire::Stage::None, .number = status});
    }

    // The engine has died: a moment for the command to end by itself, then everything goes.
    void end_all() {
        signal_group(SIGTERM);
        const Microseconds until = system_clock().boot() + kGraceAfterEngine;
        while (reap_children(ended_)) {
            const Microseconds left = until - system_clock().boot();
            if (left <= Microseconds::zero()) break;
            pollfd watched{child_ended_.get(), POLLIN, 0};
            ::poll(&watched, 1, static_cast<int>(left.count() / 1000) + 1);
            drain_child_ended();
        }
        kill_everything();
    }

    void signal_group(int signal) const {
        // Once the command itself is reaped its number may be somebody else's.
        if (command_ == 0 || status_) return;
        ::kill(-command_, signal);
        ::kill(-command_, SIGCONT);  // a stopped process would not hear of it
    }

    // An engine that is gone is noticed by the next poll.
    void answer(const wire::Answer& answer) const {
        [[maybe_unused]] const bool heard = wire::send_answer(control_.get(), answer);
    }

    void drain_child_ended() const {
        signalfd_siginfo info{};
        while (::read(child_ended_.get(), &info, sizeof info) > 0) {
        }
    }

    UniqueFd control_;
    UniqueFd child_ended_;
    pid_t command_ = 0;          // 0: none runs
    std::optional<int> status_;  // of the command, once it has been reaped
    Ended ended_ = [this](pid_t pid, int status) {
        if (pid == command_) status_ = status;
    };
};

}  // namespace

int guard_main(int control_fd) {
    ::prctl(PR_SET_NAME, "drydock-guard", 0, 0, 0);
    ::setsid();  // fails harmlessly when whoever started us has done so
    adopt_orphans();
    if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return 1;
    Guard guard{UniqueFd(control_fd)};
    try {
        guard.serve();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "drydock: the guard of commands: %s\n", error.what());
        guard.kill_everything();
        return 1;
    }
    return 0;
}

}  // namespace drydock::os
