#pragma once

// CHECK states an invariant of our own. When it does not hold we are wrong, not the world: the
// process says where, and ends with status 70 at once. The journal makes that safe: stopping is
// the same as kill -9, which every resume survives.
#define CHECK(condition)                                                        \
    do {                                                                        \
        if (!(condition)) ::drydock::check_failed(#condition, __FILE__, __LINE__); \
    } while (false)

namespace drydock {

inline constexpr int kExitBug = 70;

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace drydock
