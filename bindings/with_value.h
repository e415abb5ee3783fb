#pragma once

#include <lua.hpp>

#include "engine/runbook/runbook.h"
#include "engine/value.h"

namespace drydock::bindings {

// Pushes the parameters of an action as its functions get them: a `connection` as the connection
// object, a `source` as {path =, text =, render =} (the text is fetched when it is read), all else
// as it is.
void push_with(lua_State* state, const Value& with, const runbook::Declarations& params);

}  // namespace drydock::bindings
