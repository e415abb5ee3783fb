#include "bindings/connection_rows.h"

#include "bindings/api.h"
#include "bindings/connection_methods.h"

namespace drydock::bindings {
namespace {

struct PushView {
    lua_State* state;
    void operator()(std::monostate) const { lua_pushnil(state); }
    void operator()(bool flag) const { lua_pushboolean(state, flag ? 1 : 0); }
    void operator()(std::int64_t number) const { lua_pushinteger(state, number); }
    void operator()(double number) const { lua_pushnumber(state, number); }
    void operator()(std::string_view text) const { push_text(state, text); }
    void operator()(Timestamp timestamp) const { push_quantity(state, timestamp); }
    void operator()(const Value& value) const { push_value(state, value); }
};

// Fills the list at `names` with the names of the columns, so that a name is made once and not with
// each row.
void keep_names(lua_State* state, int names, RowCall& call) {
    if (call.named) return;
    for (std::size_t i = 0; i < call.row->size(); ++i) {
        push_text(state, call.row->name(i));
        lua_rawseti(state, names, static_cast<lua_Integer>(i) + 1);
    }
    call.named = true;
}

// Pushes the row as a table by column name; NULL is absent.
void push_row(lua_State* state, int names, RowCall& call) {
    keep_names(state, names, call);
    const std::size_t columns = call.row->size();
    lua_createtable(state, 0, static_cast<int>(columns));
    for (std::size_t i = 0; i < columns; ++i) {
        const ValueView view = call.row->view(i);
        if (std::holds_alternative<std::monostate>(view)) continue;
        lua_rawgeti(state, names, static_cast<lua_Integer>(i) + 1);
        std::visit(PushView{state}, view);
        lua_rawset(state, -3);
    }
}

RowCall& call_at(lua_State* state, int index) {
    return *static_cast<RowCall*>(lua_touserdata(state, index));
}

// (names, RowCall, rows): appends the row.
int append_row(lua_State* state) {
    RowCall& call = call_at(state, 2);
    push_row(state, 1, call);
    lua_rawseti(state, 3, ++call.count);
    return 0;
}

// (names, RowCall, fn): calls fn with the row.
int call_with_row(lua_State* state) {
    push_row(state, 1, call_at(state, 2));
    lua_call(state, 1, 1);
    return 1;
}

// (names, RowCall): the row.
int give_row(lua_State* state) {
    push_row(state, 1, call_at(state, 2));
    return 1;
}

// Pushes `what`, which takes a row, with its first two arguments.
void push_row_call(lua_State* state, lua_CFunction what, int names, RowCall& call) {
    lua_pushcfunction(state, what);
    lua_pushvalue(state, names);
    lua_pushlightuserdata(state, &call);
}

}  // namespace

sql::RowSink push_collected(lua_State* state, RowCall& call) {
    luaL_checkstack(state, 8, nullptr);
    lua_newtable(state);
    lua_newtable(state);
    const int rows = lua_gettop(state);
    return [state, rows, &call](const sql::Row& row) {
        call.row = &row;
        push_row_call(state, guarded<append_row>, rows - 1, call);
        lua_pushvalue(state, rows);
        protected_call(state, 3, 0);
        return true;
    };
}

int connection_query(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    RowCall call;
    session.query(statement, arguments, push_collected(state, call));
    return 1;
}

int connection_row(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    lua_newtable(state);
    const int names = lua_gettop(state);
    lua_pushnil(state);
    RowCall call;
    session.query(statement, arguments, [&](const sql::Row& first) {
        call.row = &first;
        push_row_call(state, guarded<give_row>, names, call);
        protected_call(state, 2, 1);
        return false;
    });
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
    lua_newtable(state);
    const int names = lua_gettop(state);
    RowCall call;
    session.each(statement, arguments, [&](const sql::Row& next) {
        call.row = &next;
        ++call.count;
        push_row_call(state, guarded<call_with_row>, names, call);
        lua_pushvalue(state, function);
        protected_call(state, 3, 1);
        // Only `return false` ends it; a function without a result goes on.
        const bool stop = lua_type(state, -1) == LUA_TBOOLEAN && lua_toboolean(state, -1) == 0;
        lua_pop(state, 1);
        return !stop;
    });
    lua_pushinteger(state, call.count);
    return 1;
}

}  // namespace drydock::bindings
