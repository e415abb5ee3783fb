#include "engine/execute/watcher.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::execute {
namespace {

constexpr Microseconds kPollEvery{1'000'000};
constexpr Microseconds kLastResort{30'000'000};
constexpr int kExitStuck = 1;

}  // namespace

Watcher::Watcher(Parts parts)
    : parts_(std::move(parts)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { loop(stop); }) {
    if (!wake_.valid()) throw_errno(ErrorCode::Journal, "making an eventfd", errno);
}

Watcher::~Watcher() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    CHECK(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

void Watcher::set_deadline(std::optional<Microseconds> boot) {
    {
        const std::lock_guard lock(mutex_);
        deadline_ = boot;
    }
    const std::uint64_t one = 1;
    CHECK(::write(wake_.get(), &one, sizeof one) == sizeof one);
}

void Watcher::loop(const std::stop_token& stop) {
    Microseconds next_poll = parts_.clock.boot() + kPollEvery;
    while (!stop.stop_requested()) {
        Microseconds until = next_poll;
        {
            const std::lock_guard lock(mutex_);
            if (deadline_ && !parts_.cancel.stop_now()) until = std::min(until, *deadline_);
        }
        const auto rest = std::max<std::int64_t>(0, (until - parts_.clock.boot()).count());
        std::array<pollfd, 2> waits{{{wake_.get(), POLLIN, 0}, {parts_.signal_fd, POLLIN, 0}}};
        ::poll(waits.data(), waits.size(), static_cast<int>((rest + 999) / 1000));
        std::uint64_t count = 0;
        while (::read(wake_.get(), &count, sizeof count) > 0) {}
        if ((waits[1].revents & POLLIN) != 0) read_signals();
        enforce_deadline();
        if (parts_.clock.boot() < next_poll) continue;
        next_poll = parts_.clock.boot() + kPollEvery;
        if (parts_.poll) parts_.poll();
    }
}

void Watcher::read_signals() {
    signalfd_siginfo info{};
    while (::read(parts_.signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGINT && info.ssi_signo != SIGTERM) continue;
        ++signals_;
        parts_.cancel.request(signals_ == 1 ? StopReason::AtSafePoint : StopReason::Interrupt);
        if (parts_.on_signal) parts_.on_signal();
    }
}

void Watcher::enforce_deadline() {
    const std::lock_guard lock(mutex_);
    if (!deadline_ || parts_.clock.boot() < *deadline_) return;
    parts_.cancel.request(StopReason::Deadline);
    if (parts_.clock.boot() < *deadline_ + kLastResort) return;
    std::fputs("drydock: the step did not stop 30 s after its deadline; ending the process\n"
               "hint: drydock resume last settles it\n", stderr);
    ::_exit(kExitStuck);
}

}  // namespace drydock::execute
