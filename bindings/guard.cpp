#include "bindings/guard.h"

#include <cstdlib>
#include <new>
#include <string>

#include "bindings/lua_handle.h"
#include "engine/check.h"

namespace drydock::bindings {
namespace {

const char kCarriedKey = 0;
const char kErrorMeta = 0;

int error_to_text(lua_State* state) {
    lua_settop(state, 1);
    lua_pushliteral(state, "message");
    lua_rawget(state, 1);
    return 1;
}

void set_text(lua_State* state, const char* key, std::string_view text) {
    if (text.empty()) return;
    lua_pushlstring(state, text.data(), text.size());
    lua_setfield(state, -2, key);
}

// "path:line" of the innermost function that is Lua, "" when there is none.
std::string current_place(lua_State* state) {
    lua_Debug frame{};
    for (int level = 0; lua_getstack(state, level, &frame) != 0; ++level) {
        lua_getinfo(state, "Sl", &frame);
        if (frame.currentline <= 0) continue;
        const std::string raw =
            std::string(frame.short_src) + ":" + std::to_string(frame.currentline) + ":";
        std::string place = text_with_places(host_of(state), raw);
        place.pop_back();
        return place;
    }
    return {};
}

// What people read of an error; scripts raise texts of any length.
constexpr std::size_t kMaxErrorBytes = 16 << 10;

std::string_view shortened(std::string_view text) { return text.substr(0, kMaxErrorBytes); }

std::string text_field(lua_State* state, int index, const char* key) {
    lua_pushstring(state, key);
    lua_rawget(state, index);
    std::string text;
    if (lua_isstring(state, -1) != 0) {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(state, -1, &size);
        text = shortened({bytes, size});
    }
    lua_pop(state, 1);
    return text;
}

constexpr const char* kNoMemory = "not enough memory";  // also Lua's own words

Error memory_error(lua_State* state) {
    if (host_of(state).machine_is_out)
        return {ErrorCode::Lua, kNoMemory, "the machine has none left to give"};
    const auto limit = static_cast<std::int64_t>(host_of(state).memory_limit);
    return {ErrorCode::Lua, kNoMemory,
            "a step may use " + to_text(Size{limit}) + "; work in smaller pieces"};
}

// Where scripts are only read, it would be told as a mistake in the runbook.
void refuse_to_blame_the_script(const Host& host, std::string_view message) {
    if (host.context == nullptr && host.machine_is_out && message == kNoMemory)
        throw std::bad_alloc();
}

[[noreturn]] void raise_caught(lua_State* state) {
    Host& host = host_of(state);
    if (host.ended()) raise_ending(state);
    CHECK(host.caught.has_value());
    const bool same = host.carried && *host.carried == host.caught->message();
    host.carried.reset();
    if (same) {
        lua_rawgetp(state, LUA_REGISTRYINDEX, &kCarriedKey);
    } else {
        push_error(state, *host.caught);
    }
    host.caught.reset();
    lua_error(state);
    std::abort();  // lua_error does not return, but is not declared so
}

}  // namespace

int run_guarded(lua_State* state, lua_CFunction body) {
    Host& host = host_of(state);
    try {
        return body(state);
    } catch (const execute::Stopped& stopped) {
        if (!host.ended()) host.ending = stopped;
    } catch (const sql::AlreadyApplied& applied) {
        if (!host.ended()) host.ending = applied;
    } catch (const Error& error) {
        host.caught = error;
    } catch (const std::bad_alloc&) {
        host.machine_is_out = true;
        host.caught = memory_error(state);
    } catch (const std::exception& error) {
        host.caught = Error(ErrorCode::Lua, error.what());
    }
    // Raised here and not in the handlers: two exceptions in flight at once would be one too many.
    raise_caught(state);
}

void raise_ending(lua_State* state) {
    lua_pushliteral(state, "the attempt has been stopped");
    lua_error(state);
    std::abort();  // lua_error does not return, but is not declared so
}

void throw_ending(lua_State* state) {
    const Host& host = host_of(state);
    if (const auto* stopped = std::get_if<execute::Stopped>(&host.ending)) throw *stopped;
    if (const auto* applied = std::get_if<sql::AlreadyApplied>(&host.ending)) throw *applied;
    throw Error(ErrorCode::Lua, "this takes too many instructions",
                host.mode == Mode::Expression ? "compute it in a step and name its output here"
                                              : "a module only returns its actions");
}

void push_error(lua_State* state, const Error& error) {
    luaL_checkstack(state, 6, nullptr);
    const std::string place = current_place(state);
    lua_createtable(state, 0, 5);
    set_text(state, "kind", error_name(error.code()));
    set_text(state, "code", error.code_text());
    set_text(state, "message", error.message());
    set_text(state, "hint", error.hint());
    set_text(state, "place", place);
    if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kErrorMeta) == LUA_TNIL) {
        lua_pop(state, 1);
        lua_createtable(state, 0, 2);
        lua_pushcfunction(state, error_to_text);
        lua_setfield(state, -2, "__tostring");
        lua_pushboolean(state, 0);
        lua_setfield(state, -2, "__metatable");
        lua_pushvalue(state, -1);
        lua_rawsetp(state, LUA_REGISTRYINDEX, &kErrorMeta);
    }
    lua_setmetatable(state, -2);
}

Error error_at(lua_State* state, int index, bool with_place) {
    const Host& host = host_of(state);
    index = lua_absindex(state, index);
    if (lua_type(state, index) == LUA_TTABLE) {
        std::string message = text_field(state, index, "message");
        const std::string kind = text_field(state, index, "kind");
        if (message.empty())
            message = kind.empty() ? "the script raised a table without a message" : kind;
        refuse_to_blame_the_script(host, message);
        const std::string place = with_place ? text_field(state, index, "place") : "";
        if (!place.empty()) message = place + ": " + message;
        return {error_code_from_name(kind), message, text_field(state, index, "hint"),
                text_field(state, index, "code")};
    }
    if (lua_isstring(state, index) != 0) {
        std::size_t size = 0;
        lua_pushvalue(state, index);  // lua_tolstring would change a number in its place
        const char* bytes = lua_tolstring(state, -1, &size);
        std::string text = text_with_places(host, shortened({bytes, size}));
        lua_pop(state, 1);
        refuse_to_blame_the_script(host, text);
        if (text == kNoMemory) return memory_error(state);
        return {ErrorCode::Lua, std::move(text)};
    }
    return {ErrorCode::Lua,
            std::string("the script raised a ") + luaL_typename(state, index) + " value",
            "raise a text, or use fail(message, hint)"};
}

void protected_call(lua_State* state, int arguments, int results) {
    Host& host = host_of(state);
    host.carried.reset();
    if (lua_pcall(state, arguments, results, 0) == LUA_OK) return;
    if (host.ended()) throw_ending(state);
    Error error = error_at(state, -1, false);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kCarriedKey);
    host.carried = error.message();
    throw error;
}

int script_pcall(lua_State* state) {
    luaL_checkany(state, 1);
    lua_pushboolean(state, 1);
    lua_insert(state, 1);
    const int status = lua_pcall(state, lua_gettop(state) - 2, LUA_MULTRET, 0);
    if (status == LUA_OK) return lua_gettop(state);
    if (host_of(state).ended()) raise_ending(state);
    if (lua_type(state, -1) == LUA_TSTRING) {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(state, -1, &size);
        const std::string text = text_with_places(host_of(state), std::string_view(bytes, size));
        lua_pushlstring(state, text.data(), text.size());
    }
    lua_pushboolean(state, 0);
    lua_insert(state, -2);
    return 2;
}

}  // namespace drydock::bindings
