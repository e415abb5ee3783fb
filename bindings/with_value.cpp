#include "bindings/with_value.h"

#include "bindings/api.h"
#include "bindings/connection_object.h"
#include "engine/runbook/declaration.h"

namespace drydock::bindings {
namespace {

void push_declared(lua_State* state, const Value& value, const runbook::Declaration& declared);

// source:render(): its text with the ${…} in it evaluated; a secret when one went in.
int render_source(lua_State* state) {
    luaL_checktype(state, 1, LUA_TTABLE);
    lua_getfield(state, 1, "path");
    const std::string path = text_argument(state, -1, "the path of a source");
    execute::StepContext& context = context_of(state);
    push_value(state, context.render(context.source_text(path), path));
    return 1;
}

// __index of a source: its frozen bytes, fetched when a script first asks for them, and its method.
int source_field(lua_State* state) {
    const std::string_view field = lua_type(state, 2) == LUA_TSTRING ? lua_tostring(state, 2) : "";
    if (field == "render") {
        lua_pushcfunction(state, guarded<render_source>);
        return 1;
    }
    if (field != "text") {
        lua_pushnil(state);
        return 1;
    }
    lua_getfield(state, 1, "path");
    const std::string path = text_argument(state, -1, "the path of a source");
    push_text(state, context_of(state).source_text(path));
    lua_pushvalue(state, 2);
    lua_pushvalue(state, -2);
    lua_rawset(state, 1);
    return 1;
}

void push_source(lua_State* state, const std::string& path) {
    lua_createtable(state, 0, 2);
    push_text(state, path);
    lua_setfield(state, -2, "path");
    lua_createtable(state, 0, 2);
    lua_pushcfunction(state, guarded<source_field>);
    lua_setfield(state, -2, "__index");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
}

void push_declared_list(lua_State* state, const Value::List& list, const runbook::Declaration& of) {
    lua_createtable(state, static_cast<int>(list.size()), 0);
    lua_Integer position = 0;
    for (const Value& item : list) {
        if (item.is_null()) {
            push_null(state);
        } else {
            push_declared(state, item, of);
        }
        lua_rawseti(state, -2, ++position);
    }
}

void push_declared_map(lua_State* state, const Value::Map& map, const runbook::Declarations& fields,
                       const runbook::Declaration* of) {
    lua_createtable(state, 0, static_cast<int>(map.size()));
    if (map.empty()) mark_as_map(state);
    for (const auto& [key, item] : map) {
        if (item.is_null()) continue;
        push_text(state, key);
        const runbook::Declaration* declared = runbook::find_declaration(fields, key);
        if (declared == nullptr) declared = of;
        if (declared != nullptr) {
            push_declared(state, item, *declared);
        } else {
            push_value(state, item);
        }
        lua_rawset(state, -3);
    }
}

void push_declared(lua_State* state, const Value& value, const runbook::Declaration& declared) {
    luaL_checkstack(state, 8, "a value is nested too deep");
    const auto* text = value.find<std::string>();
    const auto* list = value.find<Value::List>();
    const auto* map = value.find<Value::Map>();
    if (text != nullptr && declared.type == runbook::Type::Connection) {
        push_connection(state, *text);
    } else if (text != nullptr && declared.type == runbook::Type::Source) {
        push_source(state, *text);
    } else if (list != nullptr && declared.of) {
        push_declared_list(state, *list, *declared.of);
    } else if (map != nullptr && (declared.of || !declared.fields.empty())) {
        push_declared_map(state, *map, declared.fields, declared.of.get());
    } else {
        push_value(state, value);
    }
}

}  // namespace

void push_with(lua_State* state, const Value& with, const runbook::Declarations& params) {
    static const Value::Map kNone;
    const auto* map = with.find<Value::Map>();
    push_declared_map(state, map != nullptr ? *map : kNone, params, nullptr);
}

}  // namespace drydock::bindings
