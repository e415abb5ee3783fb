#include "bindings/api.h"
#include "bindings/library.h"

// once, progress, check, fail, log, print, null: how a step speaks with the engine.
namespace drydock::bindings {
namespace {

// The text of the arguments from `first` on: formatted when there are several. Secrets are shown
// as their names.
std::string message_from(lua_State* state, int first, std::string_view otherwise) {
    if (lua_isnoneornil(state, first)) return std::string(otherwise);
    TextBuilder text(state);
    if (lua_gettop(state) > first) {
        format_into(state, first, text);
    } else {
        text.append_tostring(first);
    }
    return text.shown();
}

int once(lua_State* state) {
    const std::string key = text_argument(state, 1, "the key of once");
    luaL_checktype(state, 2, LUA_TFUNCTION);
    execute::StepContext& context = context_of(state);
    Value value;
    if (const auto recorded = context.recorded(key)) {
        value = *recorded;
    } else {
        context.begin_once(key);
        lua_settop(state, 2);
        lua_call(state, 0, 1);
        value = to_value(state, -1, "once(\"" + key + "\")");
        if (value.contains_secret()) {
            throw Error(ErrorCode::Lua, "a secret may not be recorded by once",
                        "record what it was made from");
        }
        value = context.recordable(value);
        context.record(key, value);
    }
    // Pushed from the value also the first time: later attempts see the same.
    push_value(state, value);
    return 1;
}

int progress(lua_State* state) {
    const std::int64_t done = integer_argument(state, 1, "done");
    const std::int64_t total = lua_isnoneornil(state, 2) ? 0 : integer_argument(state, 2, "total");
    context_of(state).progress(done, total, message_from(state, 3, ""));
    return 0;
}

int check(lua_State* state) {
    luaL_checkany(state, 1);
    if (lua_toboolean(state, 1) != 0) {
        lua_settop(state, 1);
        return 1;
    }
    throw Error(ErrorCode::Check, message_from(state, 2, "a check did not hold"));
}

int fail(lua_State* state) {
    const std::string hint =
        lua_isnoneornil(state, 2) ? "" : text_argument(state, 2, "the hint of fail");
    lua_settop(state, 1);
    throw Error(ErrorCode::Check, message_from(state, 1, "the step failed"), hint);
}

int write_log(lua_State* state, execute::LogLevel level) {
    context_of(state).log(level, message_from(state, 1, ""));
    return 0;
}
int log_debug(lua_State* state) { return write_log(state, execute::LogLevel::Debug); }
int log_info(lua_State* state) { return write_log(state, execute::LogLevel::Info); }
int log_warn(lua_State* state) { return write_log(state, execute::LogLevel::Warn); }
int log_error(lua_State* state) { return write_log(state, execute::LogLevel::Error); }

int print(lua_State* state) {
    TextBuilder line(state);
    for (int i = 1, count = lua_gettop(state); i <= count; ++i) {
        if (i > 1) line.append("\t");
        line.append_tostring(i);
    }
    context_of(state).log(execute::LogLevel::Info, line.shown());
    return 0;
}

constexpr luaL_Reg kLog[] = {
    {"debug", guarded<log_debug>}, {"info", guarded<log_info>}, {"warn", guarded<log_warn>},
    {"error", guarded<log_error>}, {nullptr, nullptr},
};

}  // namespace

int open_once(lua_State* state) {
    lua_pushcfunction(state, guarded<once>);
    return 1;
}

int open_progress(lua_State* state) {
    lua_pushcfunction(state, guarded<progress>);
    return 1;
}

int open_check(lua_State* state) {
    lua_pushcfunction(state, guarded<check>);
    return 1;
}

int open_fail(lua_State* state) {
    lua_pushcfunction(state, guarded<fail>);
    return 1;
}

int open_print(lua_State* state) {
    lua_pushcfunction(state, guarded<print>);
    return 1;
}

int open_log(lua_State* state) {
    push_library(state, kLog);
    return 1;
}

int open_null(lua_State* state) {
    push_null(state);
    return 1;
}

}  // namespace drydock::bindings
