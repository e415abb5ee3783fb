#pragma once

#include <lua.hpp>
#include <string_view>

#include "engine/error.h"

// The border between Lua and C++. Lua (its C++ build) unwinds by throwing a pointer of its own; our
// code throws std::exception, Stopped and AlreadyApplied. Neither may run through the other's
// frames unannounced:
//
//   script -> guarded<F> -> F throws Error        -> raised as a table {kind, code, message, hint}
//   script -> guarded<F> -> F throws Stopped      -> kept as the state's ending, then raised; pcall
//                                                    sees the ending and raises it again
//   F -> protected_call -> script raises anything -> thrown as Error, and when that Error comes
//   back
//                                                    to a guard the script's own object is raised
namespace drydock::bindings {

// Runs `body` and turns what it throws into a Lua error. Only std::exception and our two endings
// are caught: Lua's own unwinding passes.
int run_guarded(lua_State* state, lua_CFunction body);

// The trampoline under which every C function of ours is registered.
template <lua_CFunction Body>
int guarded(lua_State* state) {
    return run_guarded(state, Body);
}

// Raises the ending of this state.
[[noreturn]] void raise_ending(lua_State* state);
// Throws the ending of this state as the C++ type that it is (Error{Lua} for a spent budget).
[[noreturn]] void throw_ending(lua_State* state);

// Pushes `error` as the table that scripts see, with `place` of the innermost Lua line.
void push_error(lua_State* state, const Error& error);
// The error object at `index` as an Error; a script's own string or table keeps its words.
// `with_place`: prefix the message with where a table was raised.
[[nodiscard]] Error error_at(lua_State* state, int index, bool with_place);

// lua_call for C++ frames: what the script raises comes as a C++ exception.
void protected_call(lua_State* state, int arguments, int results);

// The `pcall` of scripts.
int script_pcall(lua_State* state);

}  // namespace drydock::bindings
