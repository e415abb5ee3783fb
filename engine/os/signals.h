#pragma once

#include <signal.h>

#include <array>
#include <optional>

#include "engine/os/unique_fd.h"

namespace drydock::os {

// Turns the signals that a person sends into something to read: SIGINT, SIGTERM and SIGWINCH come
// through fd(). SIGHUP is ignored (a dropped connection must not end a run), and so are SIGPIPE and
// SIGXFSZ, so that a closed pipe or a file limit is an error of the call. Made before any other
// thread, which then inherit the mask; one per process. A child that is started must undo this for
// itself: reset_signals_for_child().
class SignalWatch final {
  public:
    SignalWatch();
    ~SignalWatch();  // puts back mask and handlers; signals not yet read are dropped
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    // Readable when there is something for read(); never blocks.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    // The number of the next signal, nothing when there is none.
    [[nodiscard]] std::optional<int> read();

  private:
    static constexpr std::array<int, 3> kIgnored{SIGHUP, SIGPIPE, SIGXFSZ};

    UniqueFd fd_;
    sigset_t mask_before_{};
    std::array<struct sigaction, kIgnored.size()> actions_before_{};
};

// Default handlers and an empty mask. Safe between fork and exec.
void reset_signals_for_child() noexcept;

}  // namespace drydock::os
