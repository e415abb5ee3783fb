#pragma once

#include <lua.hpp>

#include "engine/sql/step_session.h"

namespace drydock::bindings {

// The session of the connection at stack index 1 (`connections.app:method(…)`). Throws Error{Lua}
// when that is no connection.
[[nodiscard]] sql::StepSession& session_argument(lua_State* state);
// The values for a statement, from the arguments `first` to `last`: one by one, or one table of
// names (or a list).
[[nodiscard]] sql::Arguments statement_arguments(lua_State* state, int first, int last);
// connections.app:backup(path): a copy of a SQLite database, taken while others use it
// (api_backup.cpp).
int connection_copy(lua_State* state);
int connection_copy_out(lua_State* state);
int connection_backup(lua_State* state);
// The methods of Redis connections (api_redis.cpp).
[[nodiscard]] const luaL_Reg* redis_methods();
// All methods of connections, ended by {nullptr, nullptr}.
[[nodiscard]] const luaL_Reg* connection_methods();

}  // namespace drydock::bindings
