#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

// The most that a piece of a runbook can change: the bound that StepContext enforces, so that what
// the plan shows is the most that can happen.
namespace drydock::runbook {

[[nodiscard]] std::string_view effect_name(Effect effect);

// A name in a script that can change something.
struct WritingName {
    ScriptFacts::Name name;
    Effect effect = Effect::Unsafe;
    // Whether it changes anything is known when it is called only (http: by its method): under a
    // lower bound it is held to that, and not refused for its name.
    bool told_by_call = false;
};
// The writing names of a script, in the order found. A library that is handed on as a value counts
// as everything in it; a method of something unknown ({"?", "exec"}) counts by its own name.
[[nodiscard]] std::vector<WritingName> writing_names(const ScriptFacts& facts,
                                                     const Runbook& runbook);

// Of a step: what it declares, else its action's, else what the names in its Lua can do. Gates and
// waits only read. An unknown action and Lua that does not compile count as unsafe.
[[nodiscard]] Effect effect_of(const Step& step, const Bundle& bundle, ScriptInspector& inspector);
// Of an undo body: the same without a declaration. (Probes always run as Read.)
[[nodiscard]] Effect effect_of(const SideBody& body, const Bundle& bundle,
                               ScriptInspector& inspector);

// True when the step may be repeated after an effect whose end nobody saw: it is idempotent or has
// a probe, by its own word or its action's.
[[nodiscard]] bool is_repeatable(const Step& step, const Bundle& bundle);

}  // namespace drydock::runbook
