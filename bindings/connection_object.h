#pragma once

#include <lua.hpp>
#include <string>
#include <string_view>

// `connections.NAME` as scripts hold it: userdata with the name of a connection. Its methods are
// in api_connections.cpp; the session behind it is opened by the first of them.
namespace drydock::bindings {

void push_connection(lua_State* state, std::string_view name);
[[nodiscard]] bool is_connection(lua_State* state, int index);
// The name of the connection at `index`. Throws Error{Lua} for anything else ("call it with a
// colon").
[[nodiscard]] std::string connection_name(lua_State* state, int index);

}  // namespace drydock::bindings
