#include "engine/redis/waiter.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/clock.h"
#include "engine/error.h"

namespace drydock::redis {

Waiter::Waiter() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_.valid()) throw_errno(ErrorCode::Connection, "making an eventfd", errno);
}

void Waiter::set_deadline(std::optional<Microseconds> boot_deadline) {
    deadline_ = boot_deadline;
    interrupted_ = false;
    eventfd_t ignored = 0;
    (void)::eventfd_read(wake_.get(), &ignored);
}

void Waiter::interrupt() noexcept {
    interrupted_ = true;
    (void)::eventfd_write(wake_.get(), 1);
}

std::optional<Microseconds> Waiter::end() const {
    if (!deadline_ || (limit_ && *limit_ < *deadline_)) return limit_;
    return deadline_;
}

void Waiter::require_time() const {
    if (interrupted_) throw Error(ErrorCode::Interrupted, "the command was stopped");
    if (const auto last = end(); last && system_clock().boot() >= *last) {
        throw Error(ErrorCode::Timeout, "the command ran past the time that it has",
                    "give the step a longer timeout, or the connection a longer "
                    "statement_timeout");
    }
}

short Waiter::wait(int fd, short events, std::optional<Microseconds> until) const {
    std::array<pollfd, 2> fds{pollfd{.fd = fd, .events = events, .revents = 0},
                              pollfd{.fd = wake_.get(), .events = POLLIN, .revents = 0}};
    for (;;) {
        require_time();
        const Microseconds now = system_clock().boot();
        if (until && now >= *until) return 0;
        Microseconds left(60'000'000);
        if (const auto last = end()) left = std::min(left, *last - now);
        if (until) left = std::min(left, *until - now);
        (void)::poll(fds.data(), fds.size(), static_cast<int>(left.count() / 1000) + 1);
        require_time();
        if (fds[0].revents != 0) return fds[0].revents;
    }
}

}  // namespace drydock::redis
