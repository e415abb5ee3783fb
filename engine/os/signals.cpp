#include "engine/os/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::os {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set{};
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    return set;
}

}  // namespace

SignalWatch::SignalWatch() {
    const sigset_t watched = set_of({SIGINT, SIGTERM, SIGWINCH});
    fd_.reset(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_.valid()) throw_errno(ErrorCode::File, "watching signals", errno);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    for (std::size_t at = 0; at < kIgnored.size(); ++at) {
        CHECK(::sigaction(kIgnored[at], &ignore, &actions_before_[at]) == 0);
    }
    CHECK(::pthread_sigmask(SIG_BLOCK, &watched, &mask_before_) == 0);
}

SignalWatch::~SignalWatch() {
    // One that came after the last read() would end the process at the moment it is unblocked.
    signalfd_siginfo unread{};
    while (::read(fd_.get(), &unread, sizeof unread) > 0) {
    }
    for (std::size_t at = 0; at < kIgnored.size(); ++at) {
        ::sigaction(kIgnored[at], &actions_before_[at], nullptr);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::optional<int> SignalWatch::read() {
    signalfd_siginfo info{};
    while (true) {
        const ssize_t size = ::read(fd_.get(), &info, sizeof info);
        if (size == static_cast<ssize_t>(sizeof info)) return static_cast<int>(info.ssi_signo);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0 && errno == EAGAIN) return std::nullopt;
        throw_errno(ErrorCode::File, "reading signals", errno);
    }
}

void reset_signals_for_child() noexcept {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    // Numbers that may not be changed (SIGKILL, SIGSTOP, the library's own) just fail.
    for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
    sigset_t none{};
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace drydock::os
