#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/cases/expectation.h"
#include "engine/cases/life.h"

namespace drydock::cases {

// `kill: everywhere`: what came of killing a case once at each of its kill points.
struct Kills {
    std::int64_t points = 0;  // that the undisturbed run passes
    std::int64_t killed = 0;  // repetitions that met theirs
    std::int64_t lives = 0;   // processes in all
    std::vector<Failure> failures;
};

// Repeats the case once for each kill point that `undisturbed` passed, kills its process there and
// takes the run up until it rests. It must then be what the case expects, and leave the same
// outputs, databases and files as the undisturbed run. `seen` is shown each outcome.
[[nodiscard]] Kills kill_everywhere(const Scene& scene, World& world, const Outcome& undisturbed,
                                    std::int64_t points,
                                    const std::function<void(const Outcome&)>& seen);

}  // namespace drydock::cases
