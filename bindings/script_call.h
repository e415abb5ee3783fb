#pragma once

#include <functional>
#include <lua.hpp>
#include <string>
#include <string_view>

#include "bindings/lua_handle.h"

namespace drydock::bindings {

// Runs `work` in a fresh sandboxed state of `host`, and everything in it under one protected call:
// whatever Lua raises is thrown as Error, Stopped or AlreadyApplied when it returns.
// `place_always`: also errors that are not the script's own fault get the place in the script
// before their message.
void run_in_sandbox(Host& host, bool place_always, const std::function<void(lua_State*)>& work);

// An expression as a chunk: what stands in the place of one expression and nothing else.
[[nodiscard]] std::string expression_chunk(std::string_view expression);

// The compiled form of the function on top of the stack.
[[nodiscard]] std::string dump_function(lua_State* state);

}  // namespace drydock::bindings
