#include "bindings/api.h"
#include "engine/json/json.h"

// json.encode, json.decode; json(v) in templates.
namespace drydock::bindings {
namespace {

constexpr std::size_t kMaxJsonBytes = 64 << 20;

int push_json(lua_State* state, int index, bool pretty) {
    const Value value = to_value(state, index, "the value for JSON");
    if (value.contains_secret()) {
        // Text made with a secret is a secret.
        std::string name;
        const Value open = revealed(value, &name);
        push_secret(state, name, pretty ? json::write_pretty(open) : json::write(open));
    } else {
        push_text(state, pretty ? json::write_pretty(value) : json::write(value));
    }
    return 1;
}

int encode(lua_State* state) {
    luaL_checkany(state, 1);
    Options options(state, 2, "json.encode");
    const bool pretty = options.boolean("pretty", false);
    options.finish();
    return push_json(state, 1, pretty);
}

int decode(lua_State* state) {
    const std::string text = text_argument(state, 1, "the JSON text");
    try {
        const json::ReadLimits limits{.bytes = kMaxJsonBytes, .values = kMaxNodes};
        push_value(state, json::parse(text, limits), Nulls::AsNull);
    } catch (const Error& error) {
        throw Error(ErrorCode::Lua, error.message(), error.hint());
    }
    return 1;
}

// json(v): the first argument is the library itself.
int call(lua_State* state) {
    luaL_checkany(state, 2);
    return push_json(state, 2, false);
}

constexpr luaL_Reg kFunctions[] = {
    {"encode", guarded<encode>},
    {"decode", guarded<decode>},
    {nullptr, nullptr},
};

}  // namespace

int open_json(lua_State* state) {
    push_library(state, kFunctions);
    lua_createtable(state, 0, 2);
    lua_pushcfunction(state, guarded<call>);
    lua_setfield(state, -2, "__call");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    return 1;
}

}  // namespace drydock::bindings
