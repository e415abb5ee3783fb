#include "bindings/api.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "bindings/library.h"
#include "engine/runbook/diagnostic.h"
#include "engine/runbook/quantity.h"

namespace drydock::bindings {
namespace {

// The one list of all libraries, sorted by name.
constexpr std::array kGlobals{
    Global{"backup", kInSteps, guarded<open_backup>},
    Global{"check", kInSteps, guarded<open_check>},
    Global{"command", kInSteps, guarded<open_command>},
    Global{"connections", kInSteps, guarded<open_connections>},
    Global{"crypto", kInSteps, guarded<open_crypto>},
    Global{"duration", kEverywhere, guarded<open_duration>},
    Global{"fail", kInSteps, guarded<open_fail>},
    Global{"fs", kInSteps, guarded<open_fs>},
    Global{"http", kInSteps, guarded<open_http>},
    Global{"index", kEverywhere, guarded<open_index>, false},
    Global{"item", kEverywhere, guarded<open_item>, false},
    Global{"json", kEverywhere, guarded<open_json>},
    Global{"log", kInSteps, guarded<open_log>},
    Global{"math", kEverywhere, guarded<open_math>},
    Global{"migrate", kInSteps, guarded<open_migrate>},
    Global{"null", kEverywhere, guarded<open_null>},
    Global{"once", kInSteps, guarded<open_once>},
    Global{"output", kInSteps, guarded<open_output>},
    Global{"params", kEverywhere, guarded<open_params>},
    Global{"print", kInSteps, guarded<open_print>},
    Global{"progress", kInSteps, guarded<open_progress>},
    Global{"recorded", kInSteps, guarded<open_recorded>},
    Global{"run", kEverywhere, guarded<open_run>},
    Global{"schema", kInSteps, guarded<open_schema>},
    Global{"secrets", kEverywhere, guarded<open_secrets>},
    Global{"size", kEverywhere, guarded<open_size>},
    Global{"steps", kEverywhere, guarded<open_steps>},
    Global{"string", kEverywhere, guarded<open_string>},
    Global{"table", kEverywhere, guarded<open_table>},
    Global{"time", kEverywhere, guarded<open_time>},
    Global{"utf8", kInSteps, guarded<open_utf8>},
};
static_assert(std::is_sorted(kGlobals.begin(), kGlobals.end(),
                             [](const Global& left, const Global& right) {
                                 return left.name < right.name;
                             }));

[[noreturn]] void wrong_argument(lua_State* state, int index, std::string_view name,
                                 std::string_view wanted) {
    const char* type = view_secret(state, index) ? "secret" : luaL_typename(state, index);
    throw Error(ErrorCode::Lua,
                std::string(name) + " must be " + std::string(wanted) + ", not " +
                    (lua_isnone(state, index) ? "absent" : std::string("a ") + type));
}

std::string_view bytes_at(lua_State* state, int index) {
    std::size_t size = 0;
    const char* bytes = lua_tolstring(state, index, &size);
    return {bytes, size};
}

}  // namespace

std::span<const Global> all_globals() { return kGlobals; }

void push_library(lua_State* state, const luaL_Reg* functions) {
    int count = 0;
    while (functions[count].name != nullptr) ++count;
    lua_createtable(state, 0, count);
    luaL_setfuncs(state, functions, 0);
}

execute::StepContext& reading(lua_State* state, std::string_view primitive) {
    execute::StepContext& context = context_of(state);
    context.allow_read(primitive);
    return context;
}

std::string text_argument(lua_State* state, int index, std::string_view name) {
    // A number is a text here as in the rest of Lua, but is not changed in its place.
    if (lua_type(state, index) == LUA_TSTRING) return std::string(bytes_at(state, index));
    if (lua_type(state, index) != LUA_TNUMBER) wrong_argument(state, index, name, "a text");
    lua_pushvalue(state, index);
    std::string text(bytes_at(state, -1));
    lua_pop(state, 1);
    return text;
}

std::int64_t integer_argument(lua_State* state, int index, std::string_view name) {
    if (const Quantity* quantity = find_quantity(state, index);
        quantity != nullptr && quantity->kind == Quantity::Kind::Size) {
        return quantity->amount;
    }
    int is_whole = 0;
    const lua_Integer number = lua_tointegerx(state, index, &is_whole);
    if (is_whole == 0 || lua_type(state, index) != LUA_TNUMBER)
        wrong_argument(state, index, name, "a whole number");
    return number;
}

RevealedText revealed_argument(lua_State* state, int index, std::string_view name) {
    if (const auto secret = view_secret(state, index)) {
        return {std::string(secret->text), true, std::string(secret->name)};
    }
    return {.text = text_argument(state, index, name)};
}

Value revealed(const Value& value, std::string* name) {
    if (const auto* secret = value.find<Secret>()) {
        if (name != nullptr && name->empty()) *name = secret->name();
        return secret->reveal();
    }
    if (const auto* list = value.find<Value::List>()) {
        Value::List out;
        for (const Value& item : *list) out.push_back(revealed(item, name));
        return out;
    }
    if (const auto* map = value.find<Value::Map>()) {
        Value::Map out;
        for (const auto& [key, item] : *map) out.emplace(key, revealed(item, name));
        return out;
    }
    return value;
}

Duration duration_argument(lua_State* state, int index, std::string_view name) {
    if (const Quantity* quantity = find_quantity(state, index);
        quantity != nullptr && quantity->kind == Quantity::Kind::Duration) {
        return Duration{Microseconds(quantity->amount)};
    }
    if (lua_type(state, index) == LUA_TNUMBER) {
        const double seconds = lua_tonumber(state, index);
        if (!(seconds > -9e12 && seconds < 9e12))
            throw Error(ErrorCode::Lua, std::string(name) + " is out of range");
        return Duration{Microseconds(std::llround(seconds * 1e6))};
    }
    if (lua_type(state, index) != LUA_TSTRING) wrong_argument(state, index, name, "a duration");
    const auto parsed = runbook::parse_duration(bytes_at(state, index));
    if (!parsed) {
        throw Error(
            ErrorCode::Lua,
            std::string(name) + ": `" + std::string(bytes_at(state, index)) + "` is no duration",
            "write it like 50ms, 30s or 1h30m");
    }
    return *parsed;
}

Size size_argument(lua_State* state, int index, std::string_view name) {
    if (lua_type(state, index) != LUA_TSTRING) return Size{integer_argument(state, index, name)};
    const auto parsed = runbook::parse_size(bytes_at(state, index));
    if (!parsed) {
        throw Error(
            ErrorCode::Lua,
            std::string(name) + ": `" + std::string(bytes_at(state, index)) + "` is no size",
            "write it like 512KiB or 1.5GiB");
    }
    return *parsed;
}

Timestamp timestamp_argument(lua_State* state, int index, std::string_view name) {
    if (const Quantity* quantity = find_quantity(state, index);
        quantity != nullptr && quantity->kind == Quantity::Kind::Timestamp) {
        return Timestamp{quantity->amount};
    }
    if (lua_type(state, index) == LUA_TNUMBER) {
        return Timestamp{duration_argument(state, index, name).length.count()};
    }
    if (lua_type(state, index) != LUA_TSTRING) wrong_argument(state, index, name, "a time");
    const auto parsed = runbook::parse_timestamp(bytes_at(state, index));
    if (!parsed) {
        throw Error(
            ErrorCode::Lua,
            std::string(name) + ": `" + std::string(bytes_at(state, index)) + "` is no time",
            "write it like 2026-11-21T02:00:00Z");
    }
    return *parsed;
}

Options::Options(lua_State* state, int table, std::string_view call)
    : state_(state), table_(lua_absindex(state, table)), call_(call) {
    if (lua_isnoneornil(state, table_)) {
        table_ = 0;
    } else if (lua_type(state, table_) != LUA_TTABLE) {
        wrong_argument(state, table_, call_, "given a table of options");
    }
}

bool Options::push(std::string_view field) {
    known_.emplace_back(field);
    if (table_ == 0) return false;
    push_text(state_, field);
    if (lua_gettable(state_, table_) != LUA_TNIL) return true;
    lua_pop(state_, 1);
    return false;
}

std::string Options::text(std::string_view field, std::string_view otherwise) {
    if (!push(field)) return std::string(otherwise);
    std::string text = text_argument(state_, -1, call_ + ": " + std::string(field));
    lua_pop(state_, 1);
    return text;
}

std::int64_t Options::integer(std::string_view field, std::int64_t otherwise) {
    if (!push(field)) return otherwise;
    const std::int64_t number = integer_argument(state_, -1, call_ + ": " + std::string(field));
    lua_pop(state_, 1);
    return number;
}

bool Options::boolean(std::string_view field, bool otherwise) {
    if (!push(field)) return otherwise;
    if (lua_type(state_, -1) != LUA_TBOOLEAN)
        wrong_argument(state_, -1, call_ + ": " + std::string(field), "true or false");
    const bool flag = lua_toboolean(state_, -1) != 0;
    lua_pop(state_, 1);
    return flag;
}

void Options::finish() {
    if (table_ == 0) return;
    lua_pushnil(state_);
    while (lua_next(state_, table_) != 0) {
        lua_pop(state_, 1);
        if (lua_type(state_, -1) != LUA_TSTRING) continue;
        const std::string key(bytes_at(state_, -1));
        if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
        const std::string near = runbook::did_you_mean(key, known_);
        std::string hint = near.empty() ? "it takes" : "did you mean `" + near + "`?";
        for (const std::string& name : known_) hint += near.empty() ? " " + name : "";
        throw Error(ErrorCode::Lua, call_ + " takes no `" + key + "`", hint);
    }
}

}  // namespace drydock::bindings
