#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "bindings/guard.h"
#include "bindings/library.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/quantity.h"
#include "bindings/text_builder.h"

// The base functions: no load, no collector, no environment; `pcall` does not swallow a stop,
// `setmetatable` takes no finalizer, `pairs` goes in order.
namespace drydock::bindings {
namespace {

int base_assert(lua_State* state) {
    luaL_checkany(state, 1);
    if (lua_toboolean(state, 1) != 0) return lua_gettop(state);
    lua_remove(state, 1);
    if (lua_gettop(state) == 0) throw Error(ErrorCode::Lua, "assertion failed!");
    lua_settop(state, 1);
    return lua_error(state);
}

int base_error(lua_State* state) {
    const int level =
        static_cast<int>(std::clamp<lua_Integer>(luaL_optinteger(state, 2, 1), 0, 200));
    lua_settop(state, 1);
    if (lua_type(state, 1) == LUA_TSTRING && level > 0) {
        luaL_where(state, level);
        lua_insert(state, 1);
        lua_concat(state, 2);
    }
    return lua_error(state);
}

int base_type(lua_State* state) {
    luaL_checkany(state, 1);
    lua_pushstring(state, is_null(state, 1) ? "null" : luaL_typename(state, 1));
    return 1;
}

int base_tostring(lua_State* state) {
    luaL_checkany(state, 1);
    if (is_null(state, 1)) {
        lua_pushliteral(state, "null");
    } else {
        luaL_tolstring(state, 1, nullptr);
    }
    return 1;
}

// A whole number in another base than ten, or nil.
int number_in_base(lua_State* state, lua_Integer base) {
    if (base < 2 || base > 36) throw Error(ErrorCode::Lua, "base out of range", "2 to 36");
    std::size_t size = 0;
    const char* bytes = luaL_checklstring(state, 1, &size);
    std::string text(bytes, size);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.pop_back();
    char* end = nullptr;
    const long long number = std::strtoll(text.c_str(), &end, static_cast<int>(base));
    if (text.empty() || end != text.c_str() + text.size()) {
        luaL_pushfail(state);
    } else {
        lua_pushinteger(state, number);
    }
    return 1;
}

int base_tonumber(lua_State* state) {
    luaL_checkany(state, 1);
    if (!lua_isnoneornil(state, 2)) return number_in_base(state, luaL_checkinteger(state, 2));
    if (const Quantity* quantity = find_quantity(state, 1)) {
        push_number(state, *quantity);
    } else if (lua_type(state, 1) == LUA_TNUMBER) {
        lua_settop(state, 1);
    } else {
        std::size_t size = 0;
        const char* text =
            lua_type(state, 1) == LUA_TSTRING ? lua_tolstring(state, 1, &size) : nullptr;
        if (text == nullptr || lua_stringtonumber(state, text) != size + 1) luaL_pushfail(state);
    }
    return 1;
}

int base_select(lua_State* state) {
    const int count = lua_gettop(state);
    if (lua_type(state, 1) == LUA_TSTRING && std::string_view(lua_tostring(state, 1)) == "#") {
        lua_pushinteger(state, count - 1);
        return 1;
    }
    lua_Integer first = luaL_checkinteger(state, 1);
    if (first < 0) first = count + first;
    if (first < 1) throw Error(ErrorCode::Lua, "index out of range");
    return first >= count ? 0 : count - static_cast<int>(first);
}

int base_rawequal(lua_State* state) {
    luaL_checkany(state, 2);
    lua_pushboolean(state, lua_rawequal(state, 1, 2));
    return 1;
}

int base_rawlen(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_pushinteger(state, static_cast<lua_Integer>(lua_rawlen(state, 1)));
    return 1;
}

int base_rawget(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_settop(state, 2);
    lua_rawget(state, 1);
    return 1;
}

int base_rawset(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    luaL_checkany(state, 3);
    lua_settop(state, 3);
    lua_rawset(state, 1);
    return 1;
}

int base_getmetatable(lua_State* state) {
    luaL_checkany(state, 1);
    if (lua_getmetatable(state, 1) == 0) {
        lua_pushnil(state);
    } else {
        luaL_getmetafield(state, 1,
                          "__metatable");  // pushes it over the metatable when it is there
    }
    return 1;
}

int base_setmetatable(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    const int type = lua_type(state, 2);
    if (type != LUA_TNIL && type != LUA_TTABLE) return luaL_typeerror(state, 2, "nil or table");
    if (luaL_getmetafield(state, 1, "__metatable") != LUA_TNIL) {
        throw Error(ErrorCode::Lua, "cannot change a protected metatable");
    }
    lua_settop(state, 2);
    // Finalizers run where neither hook nor deadline reaches, weak tables make results depend on
    // the collector, and __close runs while a stop is on its way.
    for (const char* refused : {"__gc", "__mode", "__close"}) {
        if (type == LUA_TNIL) break;
        lua_pushstring(state, refused);
        if (lua_rawget(state, 2) != LUA_TNIL) {
            throw Error(ErrorCode::Lua, std::string("a metatable may not have ") + refused);
        }
        lua_pop(state, 1);
    }
    lua_setmetatable(state, 1);
    return 1;
}

int next_index(lua_State* state) {
    const lua_Integer index = luaL_checkinteger(state, 2) + 1;
    lua_pushinteger(state, index);
    return lua_geti(state, 1, index) == LUA_TNIL ? 1 : 2;
}

int base_ipairs(lua_State* state) {
    luaL_checkany(state, 1);
    lua_pushcfunction(state, guarded<next_index>);
    lua_pushvalue(state, 1);
    lua_pushinteger(state, 0);
    return 3;
}

// The order of keys: numbers by value, then texts by byte, then the rest by type.
struct Key {
    int rank = 0;
    double number = 0;
    std::string_view text = {};  // kept alive by the list of keys on the stack
    lua_Integer place = 0;
    bool operator<(const Key& other) const {
        if (rank != other.rank) return rank < other.rank;
        if (rank == 0 && number != other.number) return number < other.number;
        if (rank == 1 && text != other.text) return text < other.text;
        return place < other.place;
    }
};

Key key_at(lua_State* state, int index, lua_Integer place) {
    Key key{.place = place};
    switch (lua_type(state, index)) {
        case LUA_TNUMBER: key.number = lua_tonumber(state, index); break;
        case LUA_TSTRING: {
            std::size_t size = 0;
            const char* bytes = lua_tolstring(state, index, &size);
            key.text = {bytes, size};
            key.rank = 1;
            break;
        }
        default: key.rank = 2 + lua_type(state, index); break;
    }
    return key;
}

// Pushes the list of the keys of the table at 1, in order.
void push_sorted_keys(lua_State* state) {
    std::vector<Key> keys;
    lua_newtable(state);
    const int found = lua_gettop(state);
    lua_pushnil(state);
    while (lua_next(state, 1) != 0) {
        lua_pop(state, 1);
        lua_pushvalue(state, -1);
        const auto place = static_cast<lua_Integer>(keys.size()) + 1;
        lua_rawseti(state, found, place);
        keys.push_back(key_at(state, -1, place));
        if (keys.size() % 65536 == 0) host_of(state).poll();
    }
    std::sort(keys.begin(), keys.end());
    lua_createtable(state, static_cast<int>(keys.size()), 0);
    lua_Integer to = 0;
    for (const Key& key : keys) {
        lua_rawgeti(state, found, key.place);
        lua_rawseti(state, -2, ++to);
    }
    lua_remove(state, found);
}

// Upvalues: table, sorted keys, position. A key whose value has been removed meanwhile is passed
// by.
int next_in_order(lua_State* state) {
    lua_Integer position = lua_tointeger(state, lua_upvalueindex(3));
    while (lua_rawgeti(state, lua_upvalueindex(2), ++position) != LUA_TNIL) {
        lua_pushvalue(state, -1);
        if (lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) {
            lua_pushinteger(state, position);
            lua_replace(state, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(state, 2);
    }
    return 1;
}

int base_pairs(lua_State* state) {
    luaL_checkany(state, 1);
    if (luaL_getmetafield(state, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(state, 1);
        lua_call(state, 1, 3);
        return 3;
    }
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_settop(state, 1);
    if (push_behind_frozen(state, 1)) lua_replace(state, 1);
    push_sorted_keys(state);
    lua_pushinteger(state, 0);
    lua_pushcclosure(state, guarded<next_in_order>, 3);
    return 1;
}

// Only "is anything in it": going on from a key would go in no order.
int base_next(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    if (!lua_isnoneornil(state, 2)) {
        throw Error(ErrorCode::Lua, "next goes no further than the first key",
                    "use pairs, which goes in order");
    }
    lua_settop(state, 1);
    if (push_behind_frozen(state, 1)) lua_replace(state, 1);
    push_sorted_keys(state);
    if (lua_rawgeti(state, -1, 1) == LUA_TNIL) return 1;
    lua_pushvalue(state, -1);
    lua_rawget(state, 1);
    return 2;
}

constexpr luaL_Reg kFunctions[] = {
    {"assert", guarded<base_assert>},
    {"error", base_error},
    {"getmetatable", guarded<base_getmetatable>},
    {"ipairs", guarded<base_ipairs>},
    {"next", guarded<base_next>},
    {"pairs", guarded<base_pairs>},
    {"pcall", script_pcall},
    {"rawequal", guarded<base_rawequal>},
    {"rawget", guarded<base_rawget>},
    {"rawlen", guarded<base_rawlen>},
    {"rawset", guarded<base_rawset>},
    {"select", guarded<base_select>},
    {"setmetatable", guarded<base_setmetatable>},
    {"tonumber", guarded<base_tonumber>},
    {"tostring", guarded<base_tostring>},
    {"type", guarded<base_type>},
    {nullptr, nullptr},
};

}  // namespace

const luaL_Reg* base_functions() { return kFunctions; }

int open_math(lua_State* state) {
    lua_pushcfunction(state, luaopen_math);
    lua_call(state, 0, 1);
    for (const char* gone : {"random", "randomseed"}) {
        lua_pushnil(state);
        lua_setfield(state, -2, gone);
    }
    return 1;
}

int open_utf8(lua_State* state) {
    lua_pushcfunction(state, luaopen_utf8);
    lua_call(state, 0, 1);
    return 1;
}

}  // namespace drydock::bindings
