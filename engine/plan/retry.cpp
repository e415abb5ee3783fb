#include "engine/plan/retry.h"

#include <algorithm>

namespace drydock::plan {

bool may_retry(ErrorCode code) {
    return code != ErrorCode::Lua && code != ErrorCode::Sql && code != ErrorCode::Permission;
}

std::optional<Microseconds> next_pause(const RetryPolicy& policy, std::int64_t failures,
                                       Microseconds since_first) {
    if (policy.times > 0 && failures > policy.times) return std::nullopt;
    if (policy.times == 0 && !policy.limit) return std::nullopt;
    // Without `up_to` the pauses stay at `every`: waiting for a condition asks at a steady pace.
    const Microseconds most = policy.up_to.value_or(policy.every);
    Microseconds pause = policy.every;
    for (std::int64_t i = 1; i < failures && pause < most; ++i) pause = std::min(most, pause * 2);
    pause = std::min(pause, std::max(most, policy.every));
    if (policy.limit && since_first + pause > *policy.limit) return std::nullopt;
    return pause;
}

}  // namespace drydock::plan
