#pragma once

#include <atomic>
#include <optional>

#include "engine/os/unique_fd.h"
#include "engine/value.h"

namespace drydock::redis {

// How long whoever talks to a server may wait: until its deadline, and until somebody says stop.
// Outlives the connections that wait with it. Used on one thread, except interrupt().
class Waiter final {
  public:
    Waiter();

    // On the boot clock; nullopt lifts it. Forgets an interrupt() of before.
    void set_deadline(std::optional<Microseconds> boot_deadline);
    // A second, nearer end, that of one command.
    void set_limit(std::optional<Microseconds> boot_limit) { limit_ = boot_limit; }
    // From any thread: whoever waits stops at once, and so does everybody later.
    void interrupt() noexcept;

    // The nearer of both.
    [[nodiscard]] std::optional<Microseconds> end() const;
    // Throws Error{Interrupted} or Error{Timeout} when there is no time left.
    void require_time() const;
    // Waits for `events` (poll) of `fd`; also until `until`, when nothing (0) comes back. Throws
    // as require_time().
    short wait(int fd, short events, std::optional<Microseconds> until = std::nullopt) const;

  private:
    os::UniqueFd wake_;
    std::optional<Microseconds> deadline_, limit_;
    std::atomic<bool> interrupted_{false};
};

}  // namespace drydock::redis
