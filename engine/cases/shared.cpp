#include "engine/cases/shared.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <new>

#include "engine/cancel.h"
#include "engine/check.h"
#include "engine/error.h"

namespace drydock::cases {
namespace {

constexpr std::int64_t kMillisecond = 1'000;

Shared* watched = nullptr;

void pass(std::string_view name) {
    if (++watched->passes != watched->kill_at) return;
    const std::size_t size = std::min(name.size(), watched->killed_at.size() - 1);
    std::copy_n(name.begin(), size, watched->killed_at.begin());
    watched->killed_at[size] = '\0';
    ::raise(SIGKILL);
}

}  // namespace

SharedMemory::SharedMemory() {
    void* memory =
        ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw_errno(ErrorCode::File, "sharing memory with a case", errno);
    shared_ = new (memory) Shared;
}

SharedMemory::~SharedMemory() {
    ::munmap(shared_, sizeof(Shared));
}

KillWatching::KillWatching(Shared& shared) {
    CHECK(watched == nullptr);
    watched = &shared;
    watch_kill_points(pass);
}

KillWatching::~KillWatching() {
    watch_kill_points(nullptr);
    watched = nullptr;
}

KillWatching::Pause::Pause() : before_(kill_watch()) {
    watch_kill_points(nullptr);
}

KillWatching::Pause::~Pause() {
    watch_kill_points(before_);
}

// Rounded up to milliseconds, because a sleep is asked for some microseconds after the time that it
// was computed from: so a wait ends at the very moment that was meant.
Timestamp CaseClock::wall() const {
    const std::int64_t skipped = shared_.skipped_us.load();
    return {began_.micros + (skipped + kMillisecond - 1) / kMillisecond * kMillisecond};
}

Microseconds CaseClock::boot() const {
    return system_clock().boot() + Microseconds(shared_.skipped_us.load());
}

void CaseClock::sleep_until(Microseconds until, CancelToken& cancel) {
    if (cancel.reason() != StopReason::None) return;
    const std::int64_t rest = (until - boot()).count();
    if (rest > 0) shared_.skipped_us += rest;
}

}  // namespace drydock::cases
