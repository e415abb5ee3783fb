#pragma once

#include <optional>
#include <string>
#include <variant>

#include "engine/error.h"
#include "engine/execute/attempt_context.h"

namespace drydock::execute {

// How the body of an attempt ended, before anything is decided about it.
struct AttemptEnd {
    struct Returned { Value output; };
    struct Raised { Error error; };
    std::variant<Returned, Raised, Stopped, sql::AlreadyApplied> how;
    Value::List receipts;
    LogEnd log;
    bool commit_in_doubt = false;  // committing the step transaction failed: only its receipt tells
};

// Which Lua a scope runs: the step's own body in do and final, its undo or its action's in undo,
// its probe or its action's. `output` and `recorded` are the ones of the scope that is undone.
[[nodiscard]] std::optional<BodyCall> body_call(const runbook::Bundle& bundle,
                                                const runbook::Step& step, BodyCall::Part part);

// Runs `call` once to its end, commits its step transaction and closes its log. `returns` types the
// output (null: taken as it is). Throws only when the journal failed.
[[nodiscard]] AttemptEnd run_attempt(Workshop& shop, AttemptContext& context, const BodyCall& call,
                                     const runbook::Declarations* returns);

}  // namespace drydock::execute
