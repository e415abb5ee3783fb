#include <atomic>

#include "engine/seam.h"

namespace drydock {
namespace {

std::atomic<KillWatch> watch_now{nullptr};

}  // namespace

void watch_kill_points(KillWatch watch) { watch_now.store(watch, std::memory_order_release); }

KillWatch kill_watch() { return watch_now.load(std::memory_order_acquire); }

}  // namespace drydock
