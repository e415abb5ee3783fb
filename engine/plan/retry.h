#pragma once

#include <cstdint>
#include <optional>

#include "engine/error.h"
#include "engine/value.h"

namespace drydock::plan {

// `retry:` with its values. Pauses double from `every` to `up_to`.
struct RetryPolicy {
    std::int64_t times = 0;          // attempts after the first; 0 with a `limit`: as many as fit
    std::optional<Microseconds> limit;  // `for`: since the first failure
    Microseconds every{2'000'000};
    std::optional<Microseconds> up_to;
};

// Wrong Lua, wrong SQL and missing rights stay wrong however often one tries.
[[nodiscard]] bool may_retry(ErrorCode code);

// The pause before the next attempt, or nullopt when there is none. `failures` counts the attempts
// that have failed, the newest included; `since_first` is the time since the first failure.
[[nodiscard]] std::optional<Microseconds> next_pause(const RetryPolicy& policy,
                                                     std::int64_t failures,
                                                     Microseconds since_first);

}  // namespace drydock::plan
