#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "engine/cases/coverage.h"
#include "engine/cases/expectation.h"
#include "engine/cases/kill.h"
#include "engine/cases/setting.h"

namespace drydock::cases {

struct CaseResult {
    std::vector<Failure> failures;  // none: it is true
    std::optional<Kills> kills;     // of kill: everywhere
    std::chrono::milliseconds took{0};
};

// Plays one case, and repeats it with kills when it says so. The process must have no threads.
// `coverage` is told of every run.
[[nodiscard]] CaseResult run_case(const Suite& suite, const Case& one, const Machinery& machinery,
                                  Coverage& coverage);

}  // namespace drydock::cases
