#pragma once

#include "engine/cancel.h"
#include "engine/cli/assemble.h"
#include "engine/clock.h"
#include "engine/execute/watcher.h"

namespace drydock::cli {

// Work that is no run, and that a person can stop: after a first SIGINT or SIGTERM at the next
// statement, after a second one at once. Made before whatever must be cleaned up then.
class Stoppable final {
  public:
    explicit Stoppable(Assembly& assembly)
        : watcher_({.clock = system_clock(),
                    .cancel = cancel_,
                    .signal_fd = assembly.signal_fd(),
                    .poll = {},
                    .on_signal = {}}) {}

    [[nodiscard]] CancelToken& cancel() { return cancel_; }

  private:
    CancelToken cancel_;
    execute::Watcher watcher_;
};

}  // namespace drydock::cli
