#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>

#include "engine/value.h"

namespace drydock {

// Why an attempt must stop, weakest first; a stronger reason replaces a weaker one.
enum class StopReason : std::uint8_t {
    None,
    AtSafePoint,  // no new step, batch or item; what runs may come to its end
    Interrupt,    // stop now, the run stays resumable (second SIGINT)
    Cancel,       // stop now, the run will end (drydock cancel --now)
    Deadline,     // the attempt's time is over
};

// One attempt's wish to stop, asked for by the watcher thread and by signals, obeyed by the thread
// that runs the attempt. Things that block (a SQL statement, a child, a sleep) register how to be
// woken. Thread-safe.
class CancelToken final {
  public:
    CancelToken() = default;
    CancelToken(const CancelToken&) = delete;
    CancelToken& operator=(const CancelToken&) = delete;

    // Asks to stop. From Interrupt on, all registered wakers are called, each at most once.
    void request(StopReason reason);
    [[nodiscard]] StopReason reason() const noexcept {
        return reason_.load(std::memory_order_acquire);
    }
    // True from Interrupt on.
    [[nodiscard]] bool stop_now() const noexcept { return reason() >= StopReason::Interrupt; }
    // Forgets a Deadline, which was the last attempt's; every other wish is the run's and stays.
    void begin_attempt();
    // A Cancel has been obeyed (the attempt was stopped): what comes next is not stopped by it.
    void cancel_obeyed();

    // Blocks until a stop is asked for (also AtSafePoint) or `limit` has passed. True when asked.
    bool wait_for(Microseconds limit);

    // Calls `wake` from the requesting thread when stop_now() becomes true; at once if it is.
    class Waker {
      public:
        Waker(CancelToken& token, std::function<void()> wake);
        ~Waker();
        Waker(const Waker&) = delete;
        Waker& operator=(const Waker&) = delete;

      private:
        CancelToken& token_;
        std::list<std::function<void()>>::iterator place_;
    };

  private:
    std::atomic<StopReason> reason_{StopReason::None};
    StopReason of_the_run_ = StopReason::None;  // the strongest but Deadline
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<std::function<void()>> wakers_;
};

}  // namespace drydock
