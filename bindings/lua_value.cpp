#include "bindings/lua_value.h"

#include <vector>

#include "bindings/connection_object.h"
#include "bindings/guard.h"
#include "bindings/quantity.h"
#include "bindings/secret_box.h"

namespace drydock::bindings {
namespace {

const char kMapMeta = 0;
const char kBehind = 0;  // in the metatable of a frozen table: the table behind it

int refuse_assignment(lua_State* state) {
    const std::string name = lua_tostring(state, lua_upvalueindex(1));
    throw Error(ErrorCode::Lua, "`" + name + "` is read-only", "keep it in a local variable");
}

// Where in a value the reader is; lives on the stack of its recursion.
struct Spot {
    const Spot* outer = nullptr;
    const void* table = nullptr;
    std::string key;
};

class Reader final {
  public:
    Reader(lua_State* state, std::string_view what) : state_(state), what_(what) {}

    Value read(int index, const Spot* at, int depth) {
        if (++nodes_ > kMaxNodes) fail(at, "has more than 1,000,000 parts");
        switch (lua_type(state_, index)) {
            case LUA_TNIL: return {};
            case LUA_TBOOLEAN: return lua_toboolean(state_, index) != 0;
            case LUA_TNUMBER:
                if (lua_isinteger(state_, index) != 0) {
                    return static_cast<std::int64_t>(lua_tointeger(state_, index));
                }
                return lua_tonumber(state_, index);
            case LUA_TSTRING: return text(index, at);
            case LUA_TTABLE: return table(index, at, depth);
            case LUA_TLIGHTUSERDATA:
                if (is_null(state_, index)) return {};
                break;
            case LUA_TUSERDATA: return userdata(index, at);
            default: break;
        }
        fail(at, std::string("is a ") + luaL_typename(state_, index) + ", which is no value");
    }

  private:
    [[noreturn]] void fail(const Spot* at, const std::string& problem) const {
        std::string path(what_);
        std::vector<const Spot*> spots;
        for (; at != nullptr && at->outer != nullptr; at = at->outer) spots.push_back(at);
        for (auto spot = spots.rbegin(); spot != spots.rend(); ++spot) path += (*spot)->key;
        throw Error(ErrorCode::Lua, path + " " + problem,
                    "values are texts, numbers, true, false, lists and maps of these");
    }

    Value text(int index, const Spot* at) {
        std::size_t size = 0;
        const char* bytes = lua_tolstring(state_, index, &size);
        text_bytes_ += size;
        if (text_bytes_ > kMaxTextBytes) fail(at, "holds more than 64 MiB of text");
        return std::string(bytes, size);
    }

    Value userdata(int index, const Spot* at) {
        if (const Quantity* quantity = find_quantity(state_, index)) return to_value(*quantity);
        if (const auto secret = find_secret(state_, index)) return *secret;
        if (is_connection(state_, index)) return connection_name(state_, index);
        fail(at, "is an object, which is no value");
    }

    Value table(int index, const Spot* at, int depth) {
        if (depth >= kMaxDepth) fail(at, "is nested deeper than 64");
        luaL_checkstack(state_, 6, "a value is nested too deep");
        const void* self = lua_topointer(state_, index);
        for (const Spot* outer = at; outer != nullptr; outer = outer->outer) {
            if (outer->table == self) fail(at, "contains itself");
        }
        if (push_behind_frozen(state_, index)) {
            Value value = table(lua_gettop(state_), at, depth + 1);
            lua_pop(state_, 1);
            return value;
        }
        // A first look at one key decides; the loops below refuse what does not fit.
        lua_pushnil(state_);
        if (lua_next(state_, index) == 0)
            return marked_as_map(index) ? Value(Value::Map{}) : Value(Value::List{});
        const bool text_keys = lua_type(state_, -2) == LUA_TSTRING;
        lua_pop(state_, 2);
        return text_keys ? map(index, at, self, depth) : list(index, at, self, depth);
    }

    Value map(int index, const Spot* at, const void* self, int depth) {
        Value::Map members;
        lua_pushnil(state_);
        while (lua_next(state_, index) != 0) {
            if (lua_type(state_, -2) != LUA_TSTRING) fail(at, "mixes text keys and others");
            std::size_t size = 0;
            const char* bytes = lua_tolstring(state_, -2, &size);
            std::string key(bytes, size);
            text_bytes_ += size;
            const Spot spot{at, self, "." + key};
            members.emplace(std::move(key), read(lua_gettop(state_), &spot, depth + 1));
            lua_pop(state_, 1);
        }
        return members;
    }

    Value list(int index, const Spot* at, const void* self, int depth) {
        std::size_t count = 0;
        lua_pushnil(state_);
        while (lua_next(state_, index) != 0) {
            if (lua_type(state_, -2) == LUA_TSTRING) fail(at, "mixes text keys and others");
            if (lua_isinteger(state_, -2) == 0)
                fail(at, "has a key that is neither a text nor a whole number");
            ++count;
            lua_pop(state_, 1);
        }
        Value::List items;
        items.reserve(count);
        for (std::size_t i = 1; i <= count; ++i) {
            const Spot spot{at, self, "[" + std::to_string(i) + "]"};
            if (lua_rawgeti(state_, index, static_cast<lua_Integer>(i)) == LUA_TNIL) {
                fail(at, "has holes; put `null` where nothing is");
            }
            items.push_back(read(lua_gettop(state_), &spot, depth + 1));
            lua_pop(state_, 1);
        }
        return items;
    }

    bool marked_as_map(int index) const {
        if (lua_getmetatable(state_, index) == 0) return false;
        lua_rawgetp(state_, LUA_REGISTRYINDEX, &kMapMeta);
        const bool marked = lua_rawequal(state_, -1, -2) != 0;
        lua_pop(state_, 2);
        return marked;
    }

    lua_State* state_;
    std::string_view what_;
    int nodes_ = 0;
    std::size_t text_bytes_ = 0;
};

void push_list(lua_State* state, const Value::List& list, Nulls nulls) {
    lua_createtable(state, static_cast<int>(list.size()), 0);
    lua_Integer position = 0;
    for (const Value& item : list) {
        if (item.is_null()) {
            push_null(state);
        } else {
            push_value(state, item, nulls);
        }
        lua_rawseti(state, -2, ++position);
    }
}

void push_map(lua_State* state, const Value::Map& map, Nulls nulls) {
    lua_createtable(state, 0, static_cast<int>(map.size()));
    if (map.empty()) mark_as_map(state);
    for (const auto& [key, item] : map) {
        if (item.is_null() && nulls == Nulls::AsNil) continue;
        push_text(state, key);
        push_value(state, item, nulls);
        lua_rawset(state, -3);
    }
}

}  // namespace

void push_text(lua_State* state, std::string_view text) {
    lua_pushlstring(state, text.data(), text.size());
}

void push_null(lua_State* state) { lua_pushlightuserdata(state, nullptr); }

bool is_null(lua_State* state, int index) {
    return lua_islightuserdata(state, index) && lua_touserdata(state, index) == nullptr;
}

void push_value(lua_State* state, const Value& value, Nulls nulls) {
    luaL_checkstack(state, 8, "a value is nested too deep");
    struct Push {
        lua_State* state;
        Nulls nulls;
        void operator()(std::monostate) const {
            if (nulls == Nulls::AsNull) {
                push_null(state);
            } else {
                lua_pushnil(state);
            }
        }
        void operator()(bool flag) const { lua_pushboolean(state, flag ? 1 : 0); }
        void operator()(std::int64_t number) const { lua_pushinteger(state, number); }
        void operator()(double number) const { lua_pushnumber(state, number); }
        void operator()(const std::string& text) const { push_text(state, text); }
        void operator()(Duration duration) const { push_quantity(state, duration); }
        void operator()(Size size) const { push_quantity(state, size); }
        void operator()(Timestamp timestamp) const { push_quantity(state, timestamp); }
        void operator()(const Secret& secret) const {
            push_secret(state, secret.name(), secret.reveal());
        }
        void operator()(const Value::List& list) const { push_list(state, list, nulls); }
        void operator()(const Value::Map& map) const { push_map(state, map, nulls); }
    };
    std::visit(Push{state, nulls}, value.held());
}

Value to_value(lua_State* state, int index, std::string_view what) {
    const Spot top;
    return Reader(state, what).read(lua_absindex(state, index), &top, 0);
}

void mark_as_map(lua_State* state) {
    if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kMapMeta) == LUA_TNIL) {
        lua_pop(state, 1);
        lua_createtable(state, 0, 0);
        lua_pushvalue(state, -1);
        lua_rawsetp(state, LUA_REGISTRYINDEX, &kMapMeta);
    }
    lua_setmetatable(state, -2);
}

void push_frozen(lua_State* state, const Value& value, std::string_view name) {
    luaL_checkstack(state, 8, nullptr);
    lua_createtable(state, 0, 0);
    lua_createtable(state, 0, 4);
    push_value(state, value);
    lua_pushvalue(state, -1);
    lua_rawsetp(state, -3, &kBehind);
    lua_setfield(state, -2, "__index");
    push_text(state, name);
    lua_pushcclosure(state, guarded<refuse_assignment>, 1);
    lua_setfield(state, -2, "__newindex");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
}

bool push_behind_frozen(lua_State* state, int index) {
    if (lua_type(state, index) != LUA_TTABLE || lua_getmetatable(state, index) == 0) return false;
    if (lua_rawgetp(state, -1, &kBehind) == LUA_TTABLE) {
        lua_remove(state, -2);
        return true;
    }
    lua_pop(state, 2);
    return false;
}

}  // namespace drydock::bindings
