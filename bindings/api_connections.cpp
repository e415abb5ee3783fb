#include <algorithm>
#include <functional>

#include "bindings/api.h"
#include "bindings/connection_methods.h"
#include "bindings/connection_object.h"
#include "bindings/connection_rows.h"
#include "engine/json/json.h"
#include "engine/runbook/diagnostic.h"
#include "engine/sql/lexer.h"

// connections.NAME and its SQL methods.
namespace drydock::bindings {
namespace {

const char kConnectionMeta = 0;

using Write = std::int64_t (sql::StepSession::*)(std::string_view, const sql::Arguments&,
                                                 const sql::RowSink&);

// True for a statement with RETURNING: it gives a list also when no row was changed.
bool returns_rows(std::string_view statement) {
    constexpr std::string_view kWord = "returning";
    const auto same_letter = [](char c, char lower) { return (c | 0x20) == lower; };
    if (std::search(statement.begin(), statement.end(), kWord.begin(), kWord.end(), same_letter) ==
        statement.end())
        return false;
    const auto tokens = sql::lex(statement, sql::Dialect::Sqlite);
    return std::any_of(tokens.begin(), tokens.end(),
                       [](const sql::Token& token) { return token.is("returning"); });
}

// Rows affected, or the rows when the statement returns some.
int write(lua_State* state, Write how) {
    sql::StepSession& session = session_argument(state);
    const std::string statement = text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    RowCall call;
    const std::int64_t changed =
        (session.*how)(statement, arguments, push_collected(state, call));
    if (call.count == 0 && !returns_rows(statement)) lua_pushinteger(state, changed);
    return 1;
}

int exec(lua_State* state) { return write(state, &sql::StepSession::exec); }
int exec_alone(lua_State* state) { return write(state, &sql::StepSession::exec_alone); }

// The function at `index` as the body of a transaction: its result is a value.
std::function<Value()> body_at(lua_State* state, int index) {
    return [state, index] {
        lua_pushvalue(state, index);
        protected_call(state, 0, 1);
        Value result = to_value(state, -1, "the result of the transaction");
        lua_pop(state, 1);
        if (result.contains_secret()) {
            throw Error(ErrorCode::Lua, "a secret may not be the result of a transaction",
                        "it would be recorded");
        }
        return context_of(state).recordable(result);
    };
}

int transaction(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    if (lua_type(state, 2) == LUA_TFUNCTION) {
        // Without a key it is a part of the step's own transaction, undone as a whole if it fails.
        push_value(state, session.savepoint(body_at(state, 2)));
        return 1;
    }
    luaL_checktype(state, 2, LUA_TTABLE);
    Options options(state, 2, "transaction");
    const std::string key = options.text("key", "");
    options.finish();
    if (key.empty()) {
        throw Error(ErrorCode::Lua, "transaction{…} needs a key",
                    "transaction{key = \"…\", function() … end}");
    }
    lua_rawgeti(state, 2, 1);
    luaL_checktype(state, -1, LUA_TFUNCTION);
    push_value(state, session.transaction(key, body_at(state, lua_gettop(state))));
    return 1;
}

int savepoint(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    luaL_checktype(state, 2, LUA_TFUNCTION);
    push_value(state, session.savepoint(body_at(state, 2)));
    return 1;
}

int batches(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    luaL_checktype(state, 2, LUA_TTABLE);
    Options options(state, 2, "batches");
    sql::BatchOptions wanted;
    wanted.key = options.text("key", "");
    wanted.sql = options.text("sql", "");
    wanted.size = options.integer("size", wanted.size);
    wanted.max_batches = options.integer("max_batches", wanted.max_batches);
    if (options.push("pause")) {
        wanted.pause = duration_argument(state, -1, "batches: pause").length;
        lua_pop(state, 1);
    }
    if (options.push("args")) {
        wanted.arguments = statement_arguments(state, lua_gettop(state), lua_gettop(state));
        lua_pop(state, 1);
    }
    options.finish();
    const sql::BatchResult result = session.batches(wanted);
    lua_pushinteger(state, result.rows);
    lua_pushinteger(state, result.batches);
    return 2;
}

int explain(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    const bool postgres = session.database().dialect() == sql::Dialect::Postgres;
    const std::string statement =
        std::string(postgres ? "explain (format json) " : "explain query plan ") +
        text_argument(state, 2, "the statement");
    const sql::Arguments arguments = statement_arguments(state, 3, lua_gettop(state));
    if (postgres) {
        std::string plan;
        session.query(statement, arguments, [&](const sql::Row& row) {
            plan = to_text(row.value(0));
            return true;
        });
        push_value(state, json::parse(plan));
        return 1;
    }
    RowCall call;
    session.query(statement, arguments, push_collected(state, call));
    return 1;
}

int show(lua_State* state) {
    push_text(state, "connection " + connection_name(state, 1));
    return 1;
}

// connection.NAME: the method of a SQL or of a Redis connection, which only the run knows.
// Upvalues: the tables of both.
int method(lua_State* state) {
    const bool redis = context_of(state).is_redis(connection_name(state, 1));
    const std::string name = text_argument(state, 2, "the name of a method");
    if (lua_getfield(state, lua_upvalueindex(redis ? 2 : 1), name.c_str()) != LUA_TNIL) return 1;
    std::vector<std::string> known;
    for (const luaL_Reg* one = redis ? redis_methods() : connection_methods();
         one->name != nullptr; ++one)
        known.emplace_back(one->name);
    const std::string near = runbook::did_you_mean(name, known);
    const std::string what = redis ? "a Redis connection" : "a connection";
    throw Error(ErrorCode::Lua, what + " has no `" + name + "`",
                near.empty() ? "" : "did you mean `" + near + "`?");
}

// lock{name = …, wait = …, fn}
int lock(lua_State* state) {
    sql::StepSession& session = session_argument(state);
    luaL_checktype(state, 2, LUA_TTABLE);
    Options options(state, 2, "lock");
    const std::string name = options.text("name", "");
    Microseconds wait{0};
    if (options.push("wait")) {
        wait = duration_argument(state, -1, "lock: wait").length;
        lua_pop(state, 1);
    }
    options.finish();
    if (name.empty() || lua_rawgeti(state, 2, 1) != LUA_TFUNCTION) {
        throw Error(ErrorCode::Lua, "lock needs a name and a function",
                    "lock{name = \"…\", wait = \"30s\", function() … end}");
    }
    push_value(state, session.lock(name, wait, body_at(state, lua_gettop(state))));
    return 1;
}

constexpr luaL_Reg kMethods[] = {
    {"query", guarded<connection_query>},
    {"row", guarded<connection_row>},
    {"value", guarded<connection_value>},
    {"each", guarded<connection_each>},
    {"exec", guarded<exec>},
    {"exec_alone", guarded<exec_alone>},
    {"transaction", guarded<transaction>},
    {"savepoint", guarded<savepoint>},
    {"batches", guarded<batches>},
    {"lock", guarded<lock>},
    {"copy", guarded<connection_copy>},
    {"copy_out", guarded<connection_copy_out>},
    {"explain", guarded<explain>},
    {"backup", guarded<connection_backup>},
    {nullptr, nullptr},
};

void push_meta(lua_State* state) {
    if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kConnectionMeta) != LUA_TNIL) return;
    lua_pop(state, 1);
    lua_createtable(state, 0, 3);
    push_library(state, connection_methods());
    push_library(state, redis_methods());
    lua_pushcclosure(state, guarded<method>, 2);
    lua_setfield(state, -2, "__index");
    lua_pushcfunction(state, guarded<show>);
    lua_setfield(state, -2, "__tostring");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    host_of(state).connection_meta = lua_topointer(state, -1);
    lua_pushvalue(state, -1);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kConnectionMeta);
}

// Upvalue: the connections that were named before.
int connection_by_name(lua_State* state) {
    lua_pushvalue(state, 2);
    if (lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const std::string name = text_argument(state, 2, "the name of a connection");
    const std::vector<std::string> names = context_of(state).connection_names();
    if (std::find(names.begin(), names.end(), name) == names.end()) {
        const std::string near = runbook::did_you_mean(name, names);
        throw Error(
            ErrorCode::Lua, "there is no connection `" + name + "`",
            near.empty() ? "name it in the runbook's connections" : "did you mean `" + near + "`?");
    }
    push_connection(state, name);
    lua_pushvalue(state, 2);
    lua_pushvalue(state, -2);
    lua_rawset(state, lua_upvalueindex(1));
    return 1;
}

int refuse_assignment(lua_State*) {
    throw Error(ErrorCode::Lua, "`connections` is read-only",
                "name them in the runbook's connections");
}

}  // namespace

const luaL_Reg* connection_methods() { return kMethods; }

sql::StepSession& session_argument(lua_State* state) {
    return context_of(state).sql(connection_name(state, 1));
}

sql::Arguments statement_arguments(lua_State* state, int first, int last) {
    sql::Arguments arguments;
    const bool table = first == last && lua_type(state, first) == LUA_TTABLE;
    if (table) {
        const Value value = to_value(state, first, "the values of the statement");
        if (const auto* named = value.find<Value::Map>()) {
            arguments.named = *named;
        } else {
            arguments.positional = value.as<Value::List>();
        }
        return arguments;
    }
    for (int i = first; i <= last; ++i) {
        arguments.positional.push_back(
            to_value(state, i, "value $" + std::to_string(i - first + 1)));
    }
    return arguments;
}

void push_connection(lua_State* state, std::string_view name) {
    luaL_checkstack(state, 8, nullptr);
    push_meta(state);
    char* bytes = static_cast<char*>(lua_newuserdatauv(state, name.size() + 1, 0));
    name.copy(bytes, name.size());
    bytes[name.size()] = '\0';
    lua_insert(state, -2);
    lua_setmetatable(state, -2);
}

bool is_connection(lua_State* state, int index) {
    const void* meta = host_of(state).connection_meta;
    if (meta == nullptr || lua_type(state, index) != LUA_TUSERDATA) return false;
    if (lua_getmetatable(state, index) == 0) return false;
    const bool ours = lua_topointer(state, -1) == meta;
    lua_pop(state, 1);
    return ours;
}

std::string connection_name(lua_State* state, int index) {
    if (!is_connection(state, index)) {
        throw Error(ErrorCode::Lua, "this is no connection",
                    "methods are called with a colon: connections.app:query(…)");
    }
    return static_cast<const char*>(lua_touserdata(state, index));
}

int open_connections(lua_State* state) {
    (void)context_of(state);
    lua_createtable(state, 0, 0);
    lua_createtable(state, 0, 3);
    lua_createtable(state, 0, 1);
    lua_pushcclosure(state, guarded<connection_by_name>, 1);
    lua_setfield(state, -2, "__index");
    lua_pushcfunction(state, guarded<refuse_assignment>);
    lua_setfield(state, -2, "__newindex");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    return 1;
}

}  // namespace drydock::bindings
