#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/cancel.h"
#include "engine/clock.h"
#include "engine/os/unique_fd.h"

namespace drydock::execute {

// The thread beside the executor. It looks after what must happen while an attempt runs, and only
// ever asks it to stop: signals, the attempt's deadline, and each second a poll (requests in the
// journal, later the lease). It never appends to the run.
//
//   SIGINT, SIGTERM once → AtSafePoint, twice → Interrupt     deadline → Deadline
//   30 s after a deadline that nobody obeyed → the process ends: the journal makes that safe
class Watcher final {
  public:
    struct Parts {
        Clock& clock;
        CancelToken& cancel;
        int signal_fd = -1;                // of os::SignalWatch; -1: signals are not ours
        std::function<void()> poll;        // each second, on the watcher's thread; must not throw
        std::function<void()> on_signal;   // after a first SIGINT or SIGTERM, for the console
    };
    explicit Watcher(Parts parts);
    ~Watcher();  // stops the thread

    // The attempt that begins now has until `boot`.
    void set_deadline(std::optional<Microseconds> boot);

  private:
    void loop(const std::stop_token& stop);
    void read_signals();
    void enforce_deadline();

    Parts parts_;
    os::UniqueFd wake_;
    std::mutex mutex_;
    std::optional<Microseconds> deadline_;
    int signals_ = 0;
    std::jthread thread_;  // last: starts when everything else is there
};

}  // namespace drydock::execute
