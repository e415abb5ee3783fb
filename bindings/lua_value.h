#pragma once

#include <lua.hpp>
#include <string>
#include <string_view>

#include "bindings/lua_handle.h"
#include "engine/value.h"

// Value <-> Lua.
//
//   null      nil; inside a list, and where asked for, the sentinel `null`
//   integer, number, boolean, string   the same
//   duration, size, timestamp          userdata (quantity.h)
//   secret                             userdata (secret_box.h)
//   list      table 1..n               an empty table reads as a list,
//   map       table with text keys     unless it came from an empty map
namespace drydock::bindings {

inline constexpr int kMaxDepth = 64;
inline constexpr int kMaxNodes = 1'000'000;
// Of all texts in one value, and of any text that a script builds.
inline constexpr std::size_t kMaxTextBytes = std::size_t{64} << 20;

enum class Nulls : std::uint8_t {
    AsNil,   // members of maps that are null are absent
    AsNull,  // they are the sentinel (JSON)
};

void push_text(lua_State* state, std::string_view text);
void push_null(lua_State* state);
[[nodiscard]] bool is_null(lua_State* state, int index);  // the sentinel, not nil
// Pushes `value`; a null at the top is nil with AsNil.
void push_value(lua_State* state, const Value& value, Nulls nulls = Nulls::AsNil);
// Reads what is at `index`. Throws Error{Lua} with the path inside `what` for what is no value:
// functions, mixed keys, holes, cycles, too deep or too large.
[[nodiscard]] Value to_value(lua_State* state, int index, std::string_view what);

// Pushes a table that reads like the map `value` and refuses assignment; `name` is for messages.
void push_frozen(lua_State* state, const Value& value, std::string_view name);
// When the table at `index` is frozen, pushes the table behind it and returns true.
bool push_behind_frozen(lua_State* state, int index);
// Gives the empty table on top the mark of an empty map.
void mark_as_map(lua_State* state);

}  // namespace drydock::bindings
