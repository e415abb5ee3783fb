#include "bindings/connection_rows.h"

#include "bindings/api.h"
#include "bindings/connection_methods.h"

namespace drydock::bindings {
namespace {

// Pushes the row as a table by column name; NULL is absent.
void push_row(lua_State* state, const sql::Row& row) {
    const std::size_t columns = row.size();
    luaL_checkstack(state, 6, nullptr);
    lua_createtable(state, 0, static_cast<int>(columns));
    for (std::size_t i = 0; i < columns; ++i) {
        const Value value = row.value(i);
        if (value.is_null()) continue;
        push_text(state, row.name(i));
        push_value(state, value);
        lua_rawset(state, -3);
    }
}

// (rows, RowCall): appends the row.
int append_row(lua_State* state) {
    RowCall& call = *static_cast<RowCall*>(lua_touserdata(state, 2));
    push_row(state, *call.row);
    lua_rawseti(state, 1, ++call.count);
    return 0;
}

// (fn, RowCall): calls fn with the row.
int call_with_row(lua_State* state) {
    const RowCall& call = *static_cast<RowCall*>(lua_touserdata(state, 2));
    lua_settop(state, 1);
    push_row(state, *call.row);
    lua_call(state, 1, 1);
    return 1;
}

}  // namespace

sql::RowSink collect_into(lua_State* state, int index, RowCall& call) {
    return [state, index, &call](const sql::Row& row) {
        call.row = &row;
        luaL_checkstack(state, 4, nullptr);
        lua_pushcfunction(state, guarded<append_row>);
        lua_pushvalue(state, index);
        lua_pushlightuserdata(state, &call);
        protected_call(state, 2, 0);
        return true;
    };
}

int connection_query(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    lua_newtable(state);
    RowCall call;
    session.query(statement, arguments, collect_into(state, lua_gettop(state), call));
    return 1;
}

int connection_row(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    bool found = false;
    session.query(statement, arguments, [&](const sql::Row& first) {
        push_row(state, first);
        found = true;
        return false;
    });
    if (!found) lua_pushnil(state);
    return 1;
}

int connection_value(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    Value first;
    session.query(statement, arguments, [&](const sql::Row& only) {
        if (only.size() > 0) first = only.value(0);
        return false;
    });
    push_value(state, first);
    return 1;
}

int connection_each(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const int function = lua_gettop(state);
    luaL_checktype(state, function, LUA_TFUNCTION);
    const sql::Arguments arguments = statement_arguments(state, 3, function - 1);
    RowCall call;
    session.each(statement, arguments, [&](const sql::Row& next) {
        call.row = &next;
        ++call.count;
        lua_pushcfunction(state, guarded<call_with_row>);
        lua_pushvalue(state, function);
        lua_pushlightuserdata(state, &call);
        protected_call(state, 2, 1);
        // Only `return false` ends it; a function without a result goes on.
        const bool stop = lua_type(state, -1) == LUA_TBOOLEAN && lua_toboolean(state, -1) == 0;
        lua_pop(state, 1);
        return !stop;
    });
    lua_pushinteger(state, call.count);
    return 1;
}

}  // namespace drydock::bindings
