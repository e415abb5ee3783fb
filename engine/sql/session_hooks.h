#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/value.h"

namespace drydock::sql {

class StepSession;

// What a session must know of the attempt around it. Implemented by execute::StepContext; a struct
// of functions because sql/ is below execute/ and this is all that it may ask.
struct SessionHooks {
    bool one_batch = false;  // a rehearsal: of :batches only the first one runs
    // Throws when something else of the attempt forbids `what` ("transaction", "write") now:
    // another connection has uncommitted writes, the effect bound is too low, the attempt must
    // stop.
    std::function<void(const StepSession& asking, std::string_view what)> allow_write;
    // Throws the attempt's stop (deadline, cancel). Called between two batches, where it may throw
    // also when only StopReason::AtSafePoint is asked for, and when a statement was interrupted.
    std::function<void()> check_stop;
    // Journals an unsafe effect (EffectBegan, EffectEnded) around exec_alone.
    std::function<std::int64_t(std::string_view primitive, std::string_view subject,
                               const Value& arguments)>
        begin_effect;
    std::function<void(std::int64_t effect, bool ok, std::string_view code)> end_effect;
    // Whether an earlier attempt of the step began `statement` by exec_alone on this connection.
    std::function<bool(std::string_view connection, std::string_view statement)> began_before;
    std::function<void(std::int64_t done, std::int64_t total, std::string_view text)> progress;
    // A remark of the database, for the log.
    std::function<void(std::string_view severity, std::string_view text)> notice;
    // A receipt with this key was committed with that many rows.
    std::function<void(std::string_view connection, std::string_view key, std::int64_t rows)>
        committed;
};

}  // namespace drydock::sql
