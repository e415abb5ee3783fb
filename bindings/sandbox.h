#pragma once

#include <lua.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bindings/lua_handle.h"

// The only environment in which scripts run: Lua's own weak points, closed one by one.
//
//   absent           load dofile require package io os debug collectgarbage xpcall coroutine
//                    string.dump math.random
//   own              pcall setmetatable pairs next string.rep/format/patterns table.*
//   hidden           the metatable of texts and of every object of ours
//   bytecode         only what this process compiled itself from checked text
//
// Globals are made when a script first names them, so a fresh state costs a few microseconds.
namespace drydock::bindings {

// Gives the state its globals: those that its mode may see; any other name is an error.
void install_sandbox(lua_State* state);
// The names that scripts of `mode` may use, sorted.
[[nodiscard]] std::vector<std::string> globals_of(Mode mode);

// Compiles `text` (never bytecode) under `chunk_name` and leaves the function on the stack. Throws
// Error{Lua} with the place.
void compile(lua_State* state, std::string_view text, const char* chunk_name);

}  // namespace drydock::bindings
