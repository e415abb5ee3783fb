#include "bindings/redis_values.h"

#include "bindings/api.h"
#include "bindings/connection_object.h"

namespace drydock::bindings {

redis::StepSession& redis_argument(lua_State* state) {
    return context_of(state).redis(connection_name(state, 1));
}

std::string word_argument(lua_State* state, int index, const std::string& name) {
    if (const Quantity* quantity = find_quantity(state, index);
        quantity != nullptr && quantity->kind == Quantity::Kind::Size)
        return std::to_string(quantity->amount);
    if (view_secret(state, index)) {
        throw Error(ErrorCode::Lua, "a secret may not be an argument of a Redis command",
                    "who may read the server or its log would read it there");
    }
    return text_argument(state, index, name);
}

void add_words(lua_State* state, redis::Words& to, int first, int last) {
    for (int i = first; i <= last; ++i)
        to.push_back(word_argument(state, i, "argument " + std::to_string(i - first + 1)));
}

namespace {

void push_within(lua_State* state, const redis::Reply& reply, bool in_list) {
    luaL_checkstack(state, 6, nullptr);
    switch (reply.kind) {
        case redis::Reply::Kind::Nil:
            if (in_list)
                push_null(state);
            else
                lua_pushnil(state);
            return;
        case redis::Reply::Kind::Integer: lua_pushinteger(state, reply.integer); return;
        case redis::Reply::Kind::Status:
        case redis::Reply::Kind::Text:
        case redis::Reply::Kind::Error: push_text(state, reply.text); return;
        case redis::Reply::Kind::List: break;
    }
    lua_createtable(state, static_cast<int>(reply.items.size()), 0);
    lua_Integer at = 0;
    for (const redis::Reply& item : reply.items) {
        push_within(state, item, true);
        lua_rawseti(state, -2, ++at);
    }
}

}  // namespace

void push_reply(lua_State* state, const redis::Reply& reply) {
    push_within(state, reply, false);
}

}  // namespace drydock::bindings
