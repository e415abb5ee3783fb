#include <algorithm>
#include <string>
#include <vector>

#include "bindings/guard.h"
#include "bindings/library.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/text_builder.h"

// table.*: raw access, so that no metamethod can lie about a length, and bounded ranges.
namespace drydock::bindings {
namespace {

constexpr lua_Integer kMaxRange = 1'000'000;

// The length of the list at `index`, which may be changed.
lua_Integer list_at(lua_State* state, int index) {
    luaL_checktype(state, index, LUA_TTABLE);
    if (push_behind_frozen(state, index)) {
        throw Error(ErrorCode::Lua, "this table is read-only", "copy what you need of it");
    }
    return static_cast<lua_Integer>(lua_rawlen(state, index));
}

void check_range(lua_Integer first, lua_Integer last) {
    if (first > last) return;
    lua_Integer size = 0;
    if (__builtin_sub_overflow(last, first, &size) || size >= kMaxRange) {
        throw Error(ErrorCode::Lua, "a range of more than 1,000,000", "work in smaller pieces");
    }
}

// How far the range [first, last] of the work has come; polled now and then.
void worked(lua_State* state, lua_Integer items) {
    host_of(state).worked(static_cast<std::size_t>(items) * 16);
}

int table_insert(lua_State* state) {
    const lua_Integer size = list_at(state, 1);
    const int arguments = lua_gettop(state);
    if (arguments == 2) {
        lua_rawseti(state, 1, size + 1);
        return 0;
    }
    if (arguments != 3) throw Error(ErrorCode::Lua, "wrong number of arguments to 'insert'");
    const lua_Integer position = luaL_checkinteger(state, 2);
    if (position < 1 || position > size + 1) {
        throw Error(ErrorCode::Lua, "position out of bounds",
                    "a list of " + std::to_string(size) + " has the positions 1 to " +
                        std::to_string(size + 1));
    }
    check_range(position, size);
    worked(state, size - position);
    for (lua_Integer i = size; i >= position; --i) {
        lua_rawgeti(state, 1, i);
        lua_rawseti(state, 1, i + 1);
    }
    lua_rawseti(state, 1, position);
    return 0;
}

int table_remove(lua_State* state) {
    const lua_Integer size = list_at(state, 1);
    const lua_Integer position = luaL_optinteger(state, 2, size);
    if (lua_gettop(state) > 1 && size + 1 != position && (position < 1 || position > size + 1) &&
        !(size == 0 && position == 0)) {
        throw Error(ErrorCode::Lua, "position out of bounds",
                    "the list has " + std::to_string(size) + " items");
    }
    check_range(position, size);
    worked(state, size - position);
    lua_rawgeti(state, 1, position);
    for (lua_Integer i = position; i < size; ++i) {
        lua_rawgeti(state, 1, i + 1);
        lua_rawseti(state, 1, i);
    }
    if (position >= 1 && position <= size) {
        lua_pushnil(state);
        lua_rawseti(state, 1, size);
    }
    return 1;
}

int table_concat(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    std::size_t size = 0;
    const char* bytes = luaL_optlstring(state, 2, "", &size);
    const std::string_view between(bytes, size);
    const lua_Integer first = luaL_optinteger(state, 3, 1);
    const lua_Integer last =
        luaL_optinteger(state, 4, static_cast<lua_Integer>(lua_rawlen(state, 1)));
    check_range(first, last);
    TextBuilder out(state);
    for (lua_Integer i = first; i <= last; ++i) {
        lua_rawgeti(state, 1, i);
        out.append_shown(-1);
        lua_pop(state, 1);
        if (i == last) break;  // also where last + 1 would overflow
        out.append(between);
    }
    out.push();
    return 1;
}

int table_pack(lua_State* state) {
    const int count = lua_gettop(state);
    lua_createtable(state, count, 1);
    lua_insert(state, 1);
    for (int i = count; i >= 1; --i) lua_rawseti(state, 1, i);
    lua_pushinteger(state, count);
    lua_setfield(state, 1, "n");
    return 1;
}

int table_unpack(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    const lua_Integer first = luaL_optinteger(state, 2, 1);
    const lua_Integer last =
        luaL_optinteger(state, 3, static_cast<lua_Integer>(lua_rawlen(state, 1)));
    if (first > last) return 0;
    check_range(first, last);
    const int count = static_cast<int>(last - first + 1);
    if (lua_checkstack(state, count) == 0)
        throw Error(ErrorCode::Lua, "too many results to unpack");
    for (int i = 0; i < count; ++i) lua_rawgeti(state, 1, first + i);
    return count;
}

int table_move(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    const int target = lua_isnoneornil(state, 5) ? 1 : 5;
    (void)list_at(state, target);
    const lua_Integer first = luaL_checkinteger(state, 2);
    const lua_Integer last = luaL_checkinteger(state, 3);
    const lua_Integer to = luaL_checkinteger(state, 4);
    check_range(first, last);
    lua_Integer moved_to = 0;
    if (last >= first && __builtin_add_overflow(to, last - first, &moved_to)) {
        throw Error(ErrorCode::Lua, "destination wrap around");
    }
    worked(state, std::max<lua_Integer>(0, last - first));
    const lua_Integer count = last >= first ? last - first + 1 : 0;
    const bool forwards = to > last || to <= first || target != 1;
    for (lua_Integer i = 0; i < count; ++i) {
        const lua_Integer offset = forwards ? i : count - 1 - i;
        lua_rawgeti(state, 1, first + offset);
        lua_rawseti(state, target, to + offset);
    }
    lua_pushvalue(state, target);
    return 1;
}

// A merge sort over places in a copy: whatever the comparator answers, each item is there once and
// the number of comparisons is n log n.
class Sorting final {
  public:
    Sorting(lua_State* state, lua_Integer size)
        : state_(state), order_(static_cast<std::size_t>(size)), spare_(order_) {
        for (std::size_t i = 0; i < order_.size(); ++i) order_[i] = static_cast<lua_Integer>(i) + 1;
    }

    const std::vector<lua_Integer>& sort() {
        for (std::size_t width = 1; width < order_.size(); width *= 2) {
            for (std::size_t left = 0; left < order_.size(); left += 2 * width) merge(left, width);
            std::swap(order_, spare_);
        }
        return order_;
    }

  private:
    void merge(std::size_t left, std::size_t width) {
        const std::size_t middle = std::min(left + width, order_.size());
        const std::size_t end = std::min(left + 2 * width, order_.size());
        std::size_t a = left;
        std::size_t b = middle;
        for (std::size_t to = left; to < end; ++to) {
            const bool from_right = a == middle || (b < end && less(order_[b], order_[a]));
            spare_[to] = from_right ? order_[b++] : order_[a++];
        }
    }

    bool less(lua_Integer left, lua_Integer right) {
        if (++compared_ % 4096 == 0) host_of(state_).poll();
        const bool own = lua_isnil(state_, 2);
        if (!own) lua_pushvalue(state_, 2);
        lua_rawgeti(state_, 3, left);
        lua_rawgeti(state_, 3, right);
        // Two long texts are compared to their first difference, which may be their last letter.
        if (own) host_of(state_).worked(std::min(lua_rawlen(state_, -2), lua_rawlen(state_, -1)));
        if (!own) lua_call(state_, 2, 1);
        const bool answer =
            own ? lua_compare(state_, -2, -1, LUA_OPLT) != 0 : lua_toboolean(state_, -1) != 0;
        lua_settop(state_, 3);
        return answer;
    }

    lua_State* state_;
    std::vector<lua_Integer> order_;
    std::vector<lua_Integer> spare_;
    std::int64_t compared_ = 0;
};

int table_sort(lua_State* state) {
    const lua_Integer size = list_at(state, 1);
    check_range(1, size);
    if (!lua_isnoneornil(state, 2)) luaL_checktype(state, 2, LUA_TFUNCTION);
    lua_settop(state, 2);
    lua_createtable(state, static_cast<int>(size), 0);
    for (lua_Integer i = 1; i <= size; ++i) {
        lua_rawgeti(state, 1, i);
        lua_rawseti(state, 3, i);
    }
    Sorting sorting(state, size);
    lua_Integer to = 0;
    for (const lua_Integer from : sorting.sort()) {
        lua_rawgeti(state, 3, from);
        lua_rawseti(state, 1, ++to);
    }
    return 0;
}

constexpr luaL_Reg kFunctions[] = {
    {"concat", guarded<table_concat>}, {"insert", guarded<table_insert>},
    {"move", guarded<table_move>},     {"pack", guarded<table_pack>},
    {"remove", guarded<table_remove>}, {"sort", guarded<table_sort>},
    {"unpack", guarded<table_unpack>}, {nullptr, nullptr},
};

}  // namespace

int open_table(lua_State* state) {
    luaL_newlib(state, kFunctions);
    return 1;
}

}  // namespace drydock::bindings
