#include "bindings/sandbox.h"

#include <algorithm>
#include <array>

#include "bindings/api.h"
#include "bindings/library.h"
#include "engine/runbook/diagnostic.h"

namespace drydock::bindings {
namespace {

// Of the base functions, expressions see those that look at values.
bool seen_by(Mode mode, std::string_view base_function) {
    static constexpr std::array<std::string_view, 7> kInExpressions{
        "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type"};
    return mode != Mode::Expression || std::find(kInExpressions.begin(), kInExpressions.end(),
                                                 base_function) != kInExpressions.end();
}

const luaL_Reg* find_base_function(std::string_view name, Mode mode) {
    for (const luaL_Reg* one = base_functions(); one->name != nullptr; ++one) {
        if (name == one->name && seen_by(mode, name)) return one;
    }
    return nullptr;
}

const Global* find_global(std::string_view name, Mode mode) {
    const auto globals = all_globals();
    const auto found =
        std::lower_bound(globals.begin(), globals.end(), name,
                         [](const Global& one, std::string_view key) { return one.name < key; });
    if (found == globals.end() || found->name != name) return nullptr;
    return (found->modes & static_cast<int>(mode)) != 0 ? &*found : nullptr;
}

// __index of the table of globals: makes the global that is named for the first time.
int make_global(lua_State* state) {
    const Host& host = host_of(state);
    if (lua_type(state, 2) != LUA_TSTRING) throw Error(ErrorCode::Lua, "globals have names");
    std::size_t size = 0;
    const char* bytes = lua_tolstring(state, 2, &size);
    const std::string_view name(bytes, size);
    bool keep = true;
    if (const luaL_Reg* function = find_base_function(name, host.mode)) {
        lua_pushcfunction(state, function->func);
    } else if (const Global* global = find_global(name, host.mode)) {
        lua_pushcfunction(state, global->open);
        lua_call(state, 0, 1);
        keep = global->keep;
    } else {
        const std::string near = runbook::did_you_mean(name, globals_of(host.mode));
        throw Error(ErrorCode::Lua, "there is no `" + std::string(name) + "` here",
                    near.empty() ? "a name of your own is made with local"
                                 : "did you mean `" + near + "`?");
    }
    if (keep) {
        lua_pushvalue(state, 2);
        lua_pushvalue(state, -2);
        lua_rawset(state, 1);
    }
    return 1;
}

// __index of texts: opens the library when the first method is called, and takes its own place
// with the table.
int text_method(lua_State* state) {
    lua_settop(state, 2);
    lua_pushcfunction(state, guarded<open_string>);
    lua_call(state, 0, 1);
    lua_getmetatable(state, 1);
    lua_pushvalue(state, -2);
    lua_setfield(state, -2, "__index");
    lua_pop(state, 1);
    lua_pushvalue(state, 2);
    lua_rawget(state, -2);
    return 1;
}

}  // namespace

void install_sandbox(lua_State* state) {
    lua_pushglobaltable(state);
    lua_createtable(state, 0, 2);
    lua_pushcfunction(state, guarded<make_global>);
    lua_setfield(state, -2, "__index");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    lua_pop(state, 1);

    push_text(state, "");
    lua_createtable(state, 0, 2);
    lua_pushcfunction(state, guarded<text_method>);
    lua_setfield(state, -2, "__index");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    lua_pop(state, 1);
}

std::vector<std::string> globals_of(Mode mode) {
    std::vector<std::string> names;
    for (const luaL_Reg* one = base_functions(); one->name != nullptr; ++one) {
        if (seen_by(mode, one->name)) names.emplace_back(one->name);
    }
    for (const Global& global : all_globals()) {
        if ((global.modes & static_cast<int>(mode)) != 0) names.emplace_back(global.name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void compile(lua_State* state, std::string_view text, const char* chunk_name) {
    if (luaL_loadbufferx(state, text.data(), text.size(), chunk_name, "t") == LUA_OK) return;
    throw error_at(state, -1, false);
}

}  // namespace drydock::bindings
