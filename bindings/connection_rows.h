#pragma once

#include <lua.hpp>

#include "engine/sql/step_session.h"

// Rows on their way into Lua: the methods of a connection that read.
namespace drydock::bindings {

// What a row sink does inside of a protected call: whatever Lua raises there (memory) must come as
// a C++ exception, so that the session sees it and poisons its transaction.
struct RowCall {
    const sql::Row* row = nullptr;
    lua_Integer count = 0;
    bool named = false;  // the names of the columns are in their table
};

// Pushes an empty list (on top of what it needs itself) and makes a sink that collects rows in it.
[[nodiscard]] sql::RowSink push_collected(lua_State* state, RowCall& call);

int connection_query(lua_State* state);
int connection_row(lua_State* state);
int connection_value(lua_State* state);
int connection_each(lua_State* state);

}  // namespace drydock::bindings
