#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "engine/clock.h"
#include "engine/seam.h"

namespace drydock::cases {

// What the processes of one case share: how far its time was moved, and which kill points were
// passed. Memory that a fork does not copy; survives each process that dies.
struct Shared {
    std::atomic<std::int64_t> skipped_us{0};
    std::atomic<std::int64_t> passes{0};  // of kill points, over all processes of the case
    std::int64_t kill_at = 0;             // the pass at which to die; 0: none
    std::array<char, 64> killed_at{};     // the name of that kill point
};

// Owns it.
class SharedMemory final {
  public:
    SharedMemory();
    ~SharedMemory();
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    [[nodiscard]] Shared& operator*() const { return *shared_; }
    [[nodiscard]] Shared* operator->() const { return shared_; }

  private:
    Shared* shared_;
};

// While it lives, this process counts the kill points that it passes in `shared`, and dies at the
// one that is chosen there. One per process.
class KillWatching final {
  public:
    explicit KillWatching(Shared& shared);
    ~KillWatching();
    KillWatching(const KillWatching&) = delete;
    KillWatching& operator=(const KillWatching&) = delete;

    // While it lives, points are passed unseen: what the case itself does to the world is no part
    // of the run.
    class Pause {
      public:
        Pause();
        ~Pause();
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

      private:
        KillWatch before_;
    };
};

// The time of a case. The wall clock stands still but for waits, which take no time; so a case that
// is repeated sees the same times. The boot clock runs on, so that what hangs meets its timeout.
// Thread-safe.
class CaseClock final : public Clock {
  public:
    CaseClock(Shared& shared, Timestamp began) : shared_(shared), began_(began) {}

    [[nodiscard]] Timestamp wall() const override;
    [[nodiscard]] Microseconds boot() const override;
    void sleep_until(Microseconds until, CancelToken& cancel) override;

  private:
    Shared& shared_;
    Timestamp began_;
};

}  // namespace drydock::cases
