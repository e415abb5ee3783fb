#include "bindings/api.h"
#include "engine/runbook/diagnostic.h"

// params, run, steps, item, index, secrets: what a script may read of its run.
namespace drydock::bindings {
namespace {

const execute::Names& names_of(lua_State* state) {
    const Host& host = host_of(state);
    if (host.names == nullptr) {
        throw Error(ErrorCode::Lua, "nothing of a run is known here",
                    "do this inside the function of an action");
    }
    return *host.names;
}

int refuse_steps_assignment(lua_State*) {
    throw Error(ErrorCode::Lua, "`steps` is read-only",
                "a step returns what later steps shall know");
}

int refuse_steps_pairs(lua_State*) {
    throw Error(ErrorCode::Lua, "`steps` is read by name", "steps.ID.field");
}

// Gives the table on top a metatable that reads through `index` with the values below the table's
// own as upvalues: the name of a step or nothing, then a cache.
void make_proxy(lua_State* state, lua_CFunction index, std::string_view name) {
    lua_createtable(state, 0, 0);
    lua_createtable(state, 0, 4);
    push_text(state, name);
    lua_newtable(state);
    lua_pushcclosure(state, index, 2);
    lua_setfield(state, -2, "__index");
    lua_pushcfunction(state, guarded<refuse_steps_assignment>);
    lua_setfield(state, -2, "__newindex");
    lua_pushcfunction(state, guarded<refuse_steps_pairs>);
    lua_setfield(state, -2, "__pairs");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
}

// Pushes what the cache (upvalue 2) has for the key at 2; false and nothing when it has nothing.
bool push_cached(lua_State* state) {
    lua_pushvalue(state, 2);
    if (lua_rawget(state, lua_upvalueindex(2)) != LUA_TNIL) return true;
    lua_pop(state, 1);
    return false;
}

void keep_in_cache(lua_State* state) {
    lua_pushvalue(state, 2);
    lua_pushvalue(state, -2);
    lua_rawset(state, lua_upvalueindex(2));
}

int step_field(lua_State* state) {
    if (push_cached(state)) return 1;
    const std::string step = lua_tostring(state, lua_upvalueindex(1));
    const auto value =
        names_of(state).step_field(step, text_argument(state, 2, "a field of steps." + step));
    push_value(state, value.value_or(Value()));
    if (!lua_isnil(state, -1)) keep_in_cache(state);
    return 1;
}

int step_by_name(lua_State* state) {
    if (push_cached(state)) return 1;
    const std::string step = text_argument(state, 2, "the name of a step");
    const execute::Names& names = names_of(state);
    if (!names.step_field(step, "status")) {
        const std::string near = runbook::did_you_mean(step, names.step_names());
        throw Error(ErrorCode::Lua, "there is no step `" + step + "`",
                    near.empty() ? "only steps of this runbook can be named"
                                 : "did you mean `" + near + "`?");
    }
    make_proxy(state, guarded<step_field>, step);
    keep_in_cache(state);
    return 1;
}

int secret_by_name(lua_State* state) {
    const std::string name = text_argument(state, 2, "the name of a secret");
    const std::optional<Secret> secret = names_of(state).secret(name);
    if (secret) {
        push_secret(state, secret->name(), secret->reveal());
    } else {
        lua_pushnil(state);  // declared with default: null, and there is none
    }
    return 1;
}

int refuse_secrets_pairs(lua_State*) {
    throw Error(ErrorCode::Lua, "`secrets` is read by name", "secrets.NAME");
}

}  // namespace

int open_params(lua_State* state) {
    push_frozen(state, names_of(state).params(), "params");
    return 1;
}

int open_run(lua_State* state) {
    push_frozen(state, names_of(state).run(), "run");
    return 1;
}

int open_steps(lua_State* state) {
    (void)names_of(state);
    make_proxy(state, guarded<step_by_name>, "steps");
    return 1;
}

int open_item(lua_State* state) {
    push_value(state, names_of(state).item().value_or(Value()));
    return 1;
}

int open_index(lua_State* state) {
    if (const auto index = names_of(state).index()) {
        lua_pushinteger(state, *index);
    } else {
        lua_pushnil(state);
    }
    return 1;
}

int open_output(lua_State* state) {
    const Value* output = host_of(state).output;
    if (output == nullptr) {
        throw Error(ErrorCode::Lua, "`output` is known in probe and undo only",
                    "name earlier steps: steps.ID.field");
    }
    push_value(state, *output);
    return 1;
}

int open_recorded(lua_State* state) {
    const Value* recorded = host_of(state).recorded;
    push_value(state, recorded != nullptr ? *recorded : context_of(state).all_recorded());
    return 1;
}

int open_secrets(lua_State* state) {
    if (!host_of(state).secrets) {
        throw Error(ErrorCode::Lua, "a secret may not be used here",
                    "secrets go to connections, command env and input, http headers, bearer and "
                    "body, fs.write, crypto and parameters of type secret");
    }
    lua_createtable(state, 0, 0);
    lua_createtable(state, 0, 4);
    lua_pushcfunction(state, guarded<secret_by_name>);
    lua_setfield(state, -2, "__index");
    lua_pushcfunction(state, guarded<refuse_steps_assignment>);
    lua_setfield(state, -2, "__newindex");
    lua_pushcfunction(state, guarded<refuse_secrets_pairs>);
    lua_setfield(state, -2, "__pairs");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    return 1;
}

}  // namespace drydock::bindings
