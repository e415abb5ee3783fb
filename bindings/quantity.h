#pragma once

#include <lua.hpp>

#include "engine/value.h"

// Durations, sizes and timestamps as scripts hold them: userdata with arithmetic. A number beside
// one means seconds (duration, timestamp) or bytes (size).
//
//   duration ± duration|number -> duration     timestamp - timestamp -> duration
//   size ± size|number -> size                 timestamp ± duration|number -> timestamp
//   duration|size *, / number -> the same      duration / duration, size / size -> number
//   <, <= with the same kind and with numbers; == with the same kind only (Lua asks no metatable
//   for values of two types)
namespace drydock::bindings {

struct Quantity {
    enum class Kind : std::uint8_t { Duration, Size, Timestamp };
    Kind kind = Kind::Duration;
    std::int64_t amount = 0;  // microseconds, bytes, microseconds since 1970
};

void push_quantity(lua_State* state, Quantity quantity);
void push_quantity(lua_State* state, Duration duration);
void push_quantity(lua_State* state, Size size);
void push_quantity(lua_State* state, Timestamp timestamp);
// The quantity at `index`, or null.
[[nodiscard]] const Quantity* find_quantity(lua_State* state, int index);
[[nodiscard]] Value to_value(const Quantity& quantity);
// Pushes what tonumber() gives: seconds or bytes, whole where it is whole.
void push_number(lua_State* state, const Quantity& quantity);

}  // namespace drydock::bindings
