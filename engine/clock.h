#pragma once

#include <chrono>
#include <cstdint>

#include "engine/value.h"

namespace drydock {

class CancelToken;

// The two clocks that the engine uses. `wall` is what is recorded and what people's deadlines are
// in; `boot` (CLOCK_BOOTTIME, goes on during suspend) measures timeouts. Thread-safe.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp wall() const = 0;
    [[nodiscard]] virtual Microseconds boot() const = 0;
    // Returns at `until` of the boot clock, or earlier when `cancel` is asked to stop.
    virtual void sleep_until(Microseconds until, CancelToken& cancel) = 0;
};

// The machine's clocks; lives as long as the program.
[[nodiscard]] Clock& system_clock();

}  // namespace drydock
