#pragma once

#include <lua.hpp>

// The functions of the migrate library that try migrations or look at their words; the library's
// table is in api_migrate.cpp.
namespace drydock::bindings {

int migrate_lint(lua_State* state);
int migrate_round_trip(lua_State* state);

}  // namespace drydock::bindings
