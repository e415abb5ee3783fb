#pragma once

#include <lua.hpp>

// What the sandbox offers of Lua's own libraries. Where the stock functions are safe they are used;
// what could run for ever, take all memory or crash is our own: each of these functions pushes one
// global's value.
namespace drydock::bindings {

class TextBuilder;

int open_string(lua_State* state);  // bounded rep, format and patterns; no dump
int open_table(lua_State* state);   // raw access, ranges of at most 1,000,000, a sort that survives
                                    // any comparator
int open_math(lua_State* state);    // without random: crypto.random
int open_utf8(lua_State* state);

// string.format into `out`: the format is at `first`, its arguments follow.
void format_into(lua_State* state, int first, TextBuilder& out);

// Base functions, each a global of its own (base_library.cpp).
const luaL_Reg* base_functions();

}  // namespace drydock::bindings
