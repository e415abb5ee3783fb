#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "engine/cancel.h"
#include "engine/clock.h"

namespace drydock {

// Time that moves only when somebody sleeps, by exactly that much; remembers each sleep.
class ManualClock final : public Clock {
  public:
    explicit ManualClock(std::int64_t wall_micros = 1'795'309'200'000'000) : wall_(wall_micros) {}

    [[nodiscard]] Timestamp wall() const override { return {wall_.load()}; }
    [[nodiscard]] Microseconds boot() const override { return Microseconds(boot_.load()); }
    void sleep_until(Microseconds until, CancelToken& cancel) override {
        if (cancel.reason() != StopReason::None) return;
        const std::int64_t by = std::max<std::int64_t>(0, until.count() - boot_.load());
        sleeps_.push_back(Microseconds(by));
        advance(Microseconds(by));
    }
    void advance(Microseconds by) {
        wall_ += by.count();
        boot_ += by.count();
    }
    // The wall clock alone, as an operator or NTP would set it.
    void set_wall(std::int64_t micros) { wall_ = micros; }
    [[nodiscard]] const std::vector<Microseconds>& sleeps() const { return sleeps_; }

  private:
    std::atomic<std::int64_t> wall_;
    // SQLite and children measure deadlines with the machine's clock: ours begins where it is.
    std::atomic<std::int64_t> boot_{system_clock().boot().count()};
    std::vector<Microseconds> sleeps_;
};

}  // namespace drydock
