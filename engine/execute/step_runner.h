#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/execute/names.h"
#include "engine/execute/step_context.h"
#include "engine/runbook/runbook.h"
#include "engine/value.h"

namespace drydock::execute {

// Which piece of Lua an attempt runs.
struct BodyCall {
    enum class Part : std::uint8_t { Run, Probe, Undo };
    // One of the two: a chunk of the runbook, or an action of a module.
    const runbook::LuaBody* lua = nullptr;
    const runbook::Module* module = nullptr;
    const runbook::Action* action = nullptr;
    Part part = Part::Run;

    std::string step;       // id, for messages
    std::string file;       // path of the text, for messages
    Value with;             // the action's parameters, typed (map); secrets inside as Secret
    Value output;           // probe and undo: the step's output, null if it did not finish
    Value recorded;         // probe and undo: what once() recorded (map)
};

struct ProbeAnswer {
    enum class Verdict : std::uint8_t { Applied, NotApplied, CannotTell };
    Verdict verdict = Verdict::CannotTell;
    Value output;  // of Applied, when the probe gave one
};

// Runs Lua. The real one is bindings::LuaRunner; the double of the tests decides by itself how
// attempts end. A fresh Lua state for every call. Used on one thread at a time.
class StepRunner {
  public:
    virtual ~StepRunner() = default;

    // Runs a body to its end. The result is what the body returned (null if nothing). Throws
    // drydock::Error for a failed step (kind, message, hint; "file:line: …" in the message of
    // script errors), Stopped or sql::AlreadyApplied when the attempt must end.
    virtual Value run(const BodyCall& call, StepContext& context) = 0;
    // Runs a probe under the bound Read: true / "applied"[, output], false / "not_applied", nil.
    virtual ProbeAnswer probe(const BodyCall& call, StepContext& context) = 0;
    // Evaluates an expression: bounded to 10,000 instructions, no primitives. `secrets`: whether
    // `secrets` may be named. Throws Error{Lua} with the place.
    virtual Value evaluate(const runbook::Expression& expression, const Names& names,
                           bool secrets) = 0;
};

}  // namespace drydock::execute
