#pragma once

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <thread>

#include "engine/clock.h"
#include "engine/os/unique_fd.h"

namespace drydock::postgres {

// A cancel that is under way. libpq opens a connection for it and may hang there, so it has a
// thread of its own, which owns all that it needs and is never waited for longer than the server
// may take.
class Cancel final {
  public:
    explicit Cancel(pg_conn* connection)
        : handle_(PQgetCancel(connection), PQfreeCancel),
          arrived_(std::make_shared<os::UniqueFd>(::eventfd(0, EFD_CLOEXEC))) {}

    void send() const {
        std::thread([handle = handle_, arrived = arrived_] {
            std::array<char, 256> reason{};
            (void)PQcancel(handle.get(), reason.data(), static_cast<int>(reason.size()));
            (void)::eventfd_write(arrived->get(), 1);
        }).detach();
    }
    [[nodiscard]] Microseconds left() const {
        return std::max(Microseconds(0), sent_ + kAnswer - system_clock().boot());
    }
    // Waits until the server has it; false: it took too long.
    [[nodiscard]] bool wait() const {
        pollfd one{.fd = arrived_->get(), .events = POLLIN, .revents = 0};
        int ready = 0;
        do ready = ::poll(&one, 1, static_cast<int>(left().count() / 1000) + 1);
        while (ready < 0 && errno == EINTR);
        return ready == 1;
    }

  private:
    // How long a server may take before the session is given up.
    static constexpr Microseconds kAnswer{2'000'000};

    std::shared_ptr<PGcancel> handle_;
    std::shared_ptr<os::UniqueFd> arrived_;
    Microseconds sent_{system_clock().boot()};
};

}  // namespace drydock::postgres
