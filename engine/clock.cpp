#include "engine/clock.h"

#include <time.h>

#include "engine/cancel.h"

namespace drydock {
namespace {

Microseconds read_clock(clockid_t which) {
    timespec now{};
    clock_gettime(which, &now);
    return std::chrono::seconds(now.tv_sec) + Microseconds(now.tv_nsec / 1000);
}

class SystemClock final : public Clock {
  public:
    [[nodiscard]] Timestamp wall() const override { return {read_clock(CLOCK_REALTIME).count()}; }
    [[nodiscard]] Microseconds boot() const override { return read_clock(CLOCK_BOOTTIME); }

    void sleep_until(Microseconds until, CancelToken& cancel) override {
        for (;;) {
            const Microseconds rest = until - boot();
            if (rest.count() <= 0 || cancel.wait_for(rest)) return;
        }
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

}  // namespace drydock
