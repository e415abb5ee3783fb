#include "bindings/quantity.h"

#include <cmath>
#include <new>
#include <optional>

#include "bindings/guard.h"
#include "bindings/lua_handle.h"
#include "bindings/lua_value.h"
#include "bindings/text_builder.h"

namespace drydock::bindings {
namespace {

using Kind = Quantity::Kind;
const char kQuantityMeta = 0;
constexpr double kMicrosPerSecond = 1e6;

const char* name_of(Kind kind) {
    switch (kind) {
        case Kind::Duration: return "duration";
        case Kind::Size: return "size";
        case Kind::Timestamp: return "timestamp";
    }
    return "quantity";
}

std::int64_t whole(double amount) {
    if (!(amount > -9.2e18 && amount < 9.2e18)) {
        throw Error(ErrorCode::Lua, "the result is out of range",
                    "durations, sizes and times have 63 bits");
    }
    return static_cast<std::int64_t>(std::llround(amount));
}

std::int64_t sum(std::int64_t left, std::int64_t right) {
    std::int64_t result = 0;
    if (__builtin_add_overflow(left, right, &result)) whole(1e30);
    return result;
}

std::int64_t difference(std::int64_t left, std::int64_t right) {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(left, right, &result)) whole(1e30);
    return result;
}

// A number in the unit of `kind`: seconds become microseconds, bytes stay.
std::int64_t amount_of(lua_State* state, int index, Kind kind) {
    const bool bytes = kind == Kind::Size;
    if (lua_isinteger(state, index) != 0) {
        const lua_Integer number = lua_tointeger(state, index);
        std::int64_t amount = number;
        if (!bytes && __builtin_mul_overflow(number, 1'000'000, &amount)) whole(1e30);
        return amount;
    }
    return whole(lua_tonumber(state, index) * (bytes ? 1.0 : kMicrosPerSecond));
}

struct Operands {
    const Quantity* left;
    const Quantity* right;
};

[[noreturn]] void refuse(lua_State* state, const char* operation) {
    const auto name = [&](int index) -> std::string {
        const Quantity* quantity = find_quantity(state, index);
        return quantity != nullptr ? name_of(quantity->kind) : luaL_typename(state, index);
    };
    throw Error(ErrorCode::Lua,
                std::string("attempt to ") + operation + " a " + name(1) + " and a " + name(2),
                "a number beside a duration or time means seconds, beside a size bytes");
}

Operands operands(lua_State* state, const char* operation) {
    const Operands both{find_quantity(state, 1), find_quantity(state, 2)};
    // A text is no number here: "10" + 1h is more often a mistake than a wish.
    if ((both.left == nullptr && lua_type(state, 1) != LUA_TNUMBER) ||
        (both.right == nullptr && lua_type(state, 2) != LUA_TNUMBER)) {
        refuse(state, operation);
    }
    return both;
}

int add(lua_State* state) {
    const auto [left, right] = operands(state, "add");
    const Kind kind = left == nullptr                  ? right->kind
                      : right == nullptr               ? left->kind
                      : right->kind == Kind::Timestamp ? right->kind
                                                       : left->kind;
    if (left != nullptr && right != nullptr) {
        const bool same = left->kind == right->kind && kind != Kind::Timestamp;
        const bool moved = left->kind != right->kind && kind == Kind::Timestamp &&
                           (left->kind == Kind::Duration || right->kind == Kind::Duration);
        if (!same && !moved) refuse(state, "add");
    }
    const std::int64_t a = left != nullptr ? left->amount : amount_of(state, 1, kind);
    const std::int64_t b = right != nullptr ? right->amount : amount_of(state, 2, kind);
    push_quantity(state, Quantity{kind, sum(a, b)});
    return 1;
}

int subtract(lua_State* state) {
    const auto [left, right] = operands(state, "subtract");
    const Kind unit = left != nullptr ? left->kind : right->kind;
    Kind kind = unit;
    if (left == nullptr && unit == Kind::Timestamp) refuse(state, "subtract");
    if (left != nullptr && right != nullptr) {
        if (left->kind == Kind::Timestamp && right->kind == Kind::Timestamp) {
            kind = Kind::Duration;
        } else if (left->kind != right->kind &&
                   !(left->kind == Kind::Timestamp && right->kind == Kind::Duration)) {
            refuse(state, "subtract");
        }
    }
    const std::int64_t a = left != nullptr ? left->amount : amount_of(state, 1, unit);
    const std::int64_t b = right != nullptr ? right->amount : amount_of(state, 2, unit);
    push_quantity(state, Quantity{kind, difference(a, b)});
    return 1;
}

int multiply(lua_State* state) {
    const auto [left, right] = operands(state, "multiply");
    const Quantity* quantity = left != nullptr ? left : right;
    if ((left != nullptr && right != nullptr) || quantity->kind == Kind::Timestamp)
        refuse(state, "multiply");
    const int factor = left != nullptr ? 2 : 1;
    std::int64_t amount = 0;
    if (lua_isinteger(state, factor) == 0) {
        amount = whole(static_cast<double>(quantity->amount) * lua_tonumber(state, factor));
    } else if (__builtin_mul_overflow(quantity->amount, lua_tointeger(state, factor), &amount)) {
        whole(1e30);
    }
    push_quantity(state, Quantity{quantity->kind, amount});
    return 1;
}

int divide(lua_State* state) {
    const auto [left, right] = operands(state, "divide");
    if (left == nullptr || left->kind == Kind::Timestamp) refuse(state, "divide");
    if (right == nullptr) {
        push_quantity(state, Quantity{left->kind, whole(static_cast<double>(left->amount) /
                                                        lua_tonumber(state, 2))});
    } else if (right->kind == left->kind) {
        lua_pushnumber(state,
                       static_cast<double>(left->amount) / static_cast<double>(right->amount));
    } else {
        refuse(state, "divide");
    }
    return 1;
}

int negate(lua_State* state) {
    const Quantity* quantity = find_quantity(state, 1);
    if (quantity->kind == Kind::Timestamp) refuse(state, "negate");
    push_quantity(state, Quantity{quantity->kind, difference(0, quantity->amount)});
    return 1;
}

// The order of the two operands: <0, 0, >0.
double order(lua_State* state) {
    const auto [left, right] = operands(state, "compare");
    if (left != nullptr && right != nullptr) {
        if (left->kind != right->kind) refuse(state, "compare");
        return left->amount < right->amount ? -1 : left->amount > right->amount ? 1 : 0;
    }
    const Quantity* quantity = left != nullptr ? left : right;
    const double unit = quantity->kind == Kind::Size ? 1.0 : kMicrosPerSecond;
    const double amount = static_cast<double>(quantity->amount) / unit;
    const double number = lua_tonumber(state, left != nullptr ? 2 : 1);
    return left != nullptr ? amount - number : number - amount;
}

int less(lua_State* state) {
    lua_pushboolean(state, order(state) < 0 ? 1 : 0);
    return 1;
}

int less_or_equal(lua_State* state) {
    lua_pushboolean(state, order(state) <= 0 ? 1 : 0);
    return 1;
}

int equal(lua_State* state) {
    const Quantity* left = find_quantity(state, 1);
    const Quantity* right = find_quantity(state, 2);
    const bool same = left != nullptr && right != nullptr && left->kind == right->kind &&
                      left->amount == right->amount;
    lua_pushboolean(state, same ? 1 : 0);
    return 1;
}

int show(lua_State* state) {
    push_text(state, to_text(to_value(*find_quantity(state, 1))));
    return 1;
}

constexpr luaL_Reg kMethods[] = {
    {"__add", guarded<add>},
    {"__sub", guarded<subtract>},
    {"__mul", guarded<multiply>},
    {"__div", guarded<divide>},
    {"__unm", guarded<negate>},
    {"__lt", guarded<less>},
    {"__le", guarded<less_or_equal>},
    {"__eq", guarded<equal>},
    {"__tostring", guarded<show>},
    {"__concat", guarded<concatenate>},
    {nullptr, nullptr},
};

void push_meta(lua_State* state) {
    if (lua_rawgetp(state, LUA_REGISTRYINDEX, &kQuantityMeta) != LUA_TNIL) return;
    lua_pop(state, 1);
    lua_createtable(state, 0, 12);
    luaL_setfuncs(state, kMethods, 0);
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    host_of(state).quantity_meta = lua_topointer(state, -1);
    lua_pushvalue(state, -1);
    lua_rawsetp(state, LUA_REGISTRYINDEX, &kQuantityMeta);
}

}  // namespace

void push_quantity(lua_State* state, Quantity quantity) {
    luaL_checkstack(state, 6, nullptr);
    push_meta(state);
    new (lua_newuserdatauv(state, sizeof(Quantity), 0)) Quantity(quantity);
    lua_insert(state, -2);
    lua_setmetatable(state, -2);
}

void push_quantity(lua_State* state, Duration duration) {
    push_quantity(state, Quantity{Kind::Duration, duration.length.count()});
}
void push_quantity(lua_State* state, Size size) {
    push_quantity(state, Quantity{Kind::Size, size.bytes});
}
void push_quantity(lua_State* state, Timestamp timestamp) {
    push_quantity(state, Quantity{Kind::Timestamp, timestamp.micros});
}

const Quantity* find_quantity(lua_State* state, int index) {
    const void* meta = host_of(state).quantity_meta;
    if (meta == nullptr || lua_type(state, index) != LUA_TUSERDATA) return nullptr;
    if (lua_getmetatable(state, index) == 0) return nullptr;
    const bool ours = lua_topointer(state, -1) == meta;
    lua_pop(state, 1);
    return ours ? static_cast<const Quantity*>(lua_touserdata(state, index)) : nullptr;
}

Value to_value(const Quantity& quantity) {
    switch (quantity.kind) {
        case Kind::Duration: return Duration{Microseconds(quantity.amount)};
        case Kind::Size: return Size{quantity.amount};
        case Kind::Timestamp: return Timestamp{quantity.amount};
    }
    return {};
}

void push_number(lua_State* state, const Quantity& quantity) {
    if (quantity.kind == Kind::Size) {
        lua_pushinteger(state, quantity.amount);
    } else if (quantity.amount % 1'000'000 == 0) {
        lua_pushinteger(state, quantity.amount / 1'000'000);
    } else {
        lua_pushnumber(state, static_cast<double>(quantity.amount) / kMicrosPerSecond);
    }
}

}  // namespace drydock::bindings
