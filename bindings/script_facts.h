#pragma once

#include "bindings/bytecode.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::bindings {

// What a compiled text names, found by following its registers from instruction to instruction:
//
//   GETTABUP 0 _ENV "steps"     register 0 is steps
//   GETFIELD 0 0 "expire"       register 0 is steps.expire
//   SELF     0 1 "exec"         a call of the method exec of what register 1 is
//
// A local that is given a name once keeps it, also inside the functions that use it. Where paths of
// control meet, all else is forgotten: a method call on something unknown is then reported as
// {"?", "exec"}, so that no call is ever missed. Throws Error{Lua} when the text uses _ENV itself.
[[nodiscard]] runbook::ScriptFacts facts_of(const Function& main);

}  // namespace drydock::bindings
