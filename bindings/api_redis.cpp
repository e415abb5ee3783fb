#include "bindings/api.h"
#include "bindings/connection_methods.h"
#include "bindings/redis_values.h"

// connections.NAME of a Redis server: the commands of one key, any command, and what happens once.
namespace drydock::bindings {
namespace {

// NAME with the arguments from 2 on; pushes the answer as it is.
int plain(lua_State* state, const char* name) {
    redis::Words words{name};
    add_words(state, words, 2, lua_gettop(state));
    push_reply(state, redis_argument(state).command(words));
    return 1;
}

int get(lua_State* state) {
    return plain(state, "GET");
}
int del(lua_State* state) {
    return plain(state, "DEL");
}
int hget(lua_State* state) {
    return plain(state, "HGET");
}
int hdel(lua_State* state) {
    return plain(state, "HDEL");
}

std::string milliseconds(Duration duration) {
    return std::to_string(duration.length.count() / 1000);
}

// set(key, value, {ex = duration, keep_ttl =, if_absent =, if_present =}): whether it was set.
int set(lua_State* state) {
    redis::Words words{"SET", word_argument(state, 2, "the key"),
                       word_argument(state, 3, "the value")};
    Options options(state, 4, "set");
    if (options.push("ex")) {
        words.insert(words.end(), {"PX", milliseconds(duration_argument(state, -1, "set: ex"))});
        lua_pop(state, 1);
    }
    if (options.boolean("keep_ttl", false)) words.emplace_back("KEEPTTL");
    if (options.boolean("if_absent", false)) words.emplace_back("NX");
    if (options.boolean("if_present", false)) words.emplace_back("XX");
    options.finish();
    const redis::Reply answer = redis_argument(state).command(words);
    lua_pushboolean(state, answer.kind != redis::Reply::Kind::Nil);
    return 1;
}

int exists(lua_State* state) {
    const redis::Words words{"EXISTS", word_argument(state, 2, "the key")};
    lua_pushboolean(state, redis_argument(state).command(words).integer > 0);
    return 1;
}

int expire(lua_State* state) {
    const std::string key = word_argument(state, 2, "the key");
    const Duration length = duration_argument(state, 3, "the time to live");
    const redis::Reply answer =
        redis_argument(state).command({"PEXPIRE", key, milliseconds(length)});
    lua_pushboolean(state, answer.integer > 0);
    return 1;
}

int ttl(lua_State* state) {
    const redis::Words words{"PTTL", word_argument(state, 2, "the key")};
    const std::int64_t left_ms = redis_argument(state).command(words).integer;
    push_value(state, left_ms < 0 ? Value() : Value(Duration{Microseconds(left_ms * 1000)}));
    return 1;
}

int incr(lua_State* state) {
    const std::string key = word_argument(state, 2, "the key");
    const std::int64_t by =
        lua_isnoneornil(state, 3) ? 1 : integer_argument(state, 3, "the number");
    push_reply(state, redis_argument(state).command({"INCRBY", key, std::to_string(by)}));
    return 1;
}

// hset(key, field, value, …) or hset(key, {field = value}): how many fields are new.
int hset(lua_State* state) {
    redis::Words words{"HSET", word_argument(state, 2, "the key")};
    if (lua_type(state, 3) == LUA_TTABLE) {
        lua_settop(state, 3);
        if (!push_behind_frozen(state, 3)) lua_pushvalue(state, 3);
        lua_pushnil(state);
        while (lua_next(state, 4) != 0) {
            words.push_back(word_argument(state, -2, "a field"));
            words.push_back(word_argument(state, -1, "the value of " + words.back()));
            lua_pop(state, 1);
        }
    } else {
        add_words(state, words, 3, lua_gettop(state));
    }
    push_reply(state, redis_argument(state).command(words));
    return 1;
}

int hgetall(lua_State* state) {
    const redis::Words words{"HGETALL", word_argument(state, 2, "the key")};
    const redis::Reply answer = redis_argument(state).command(words);
    lua_createtable(state, 0, static_cast<int>(answer.items.size() / 2));
    for (std::size_t i = 0; i + 1 < answer.items.size(); i += 2) {
        push_text(state, answer.items[i].text);
        push_text(state, answer.items[i + 1].text);
        lua_rawset(state, -3);
    }
    return 1;
}

// command(name, …): whatever it is, with the class that the server's flags give it.
int command(lua_State* state) {
    redis::Words words;
    add_words(state, words, 2, lua_gettop(state));
    push_reply(state, redis_argument(state).command(words));
    return 1;
}

// query(name, …): the same for commands that change nothing, and no others.
int query(lua_State* state) {
    redis::Words words;
    add_words(state, words, 2, lua_gettop(state));
    push_reply(state, redis_argument(state).query(words));
    return 1;
}

// eval(script, keys, args)
int eval(lua_State* state) {
    redis::Words words{"EVAL", text_argument(state, 2, "the script"), "0"};
    for (const int list : {3, 4}) {
        if (lua_isnoneornil(state, list)) continue;
        luaL_checktype(state, list, LUA_TTABLE);
        for (lua_Integer i = 1; lua_rawgeti(state, list, i) != LUA_TNIL; ++i) {
            words.push_back(word_argument(state, -1, list == 3 ? "a key" : "an argument"));
            lua_pop(state, 1);
        }
        lua_pop(state, 1);
        if (list == 3) words[2] = std::to_string(words.size() - 3);
    }
    push_reply(state, redis_argument(state).command(words));
    return 1;
}

// transaction{key = "…", NAME, argument, …}: one command, once.
int transaction(lua_State* state) {
    luaL_checktype(state, 2, LUA_TTABLE);
    lua_settop(state, 2);
    Options options(state, 2, "transaction");
    const std::string key = options.text("key", "");
    options.finish();
    redis::Words words;
    for (lua_Integer i = 1; lua_rawgeti(state, 2, i) != LUA_TNIL; ++i) {
        words.push_back(word_argument(state, -1, "word " + std::to_string(i)));
        lua_pop(state, 1);
    }
    lua_pop(state, 1);
    if (key.empty() || words.empty()) {
        throw Error(ErrorCode::Lua, "transaction{…} of Redis needs a key and a command",
                    "transaction{key = \"…\", \"INCR\", \"counter\"}");
    }
    push_reply(state, redis_argument(state).keyed(key, words));
    return 1;
}

constexpr luaL_Reg kMethods[] = {
    {"get", guarded<get>},
    {"set", guarded<set>},
    {"del", guarded<del>},
    {"exists", guarded<exists>},
    {"expire", guarded<expire>},
    {"ttl", guarded<ttl>},
    {"incr", guarded<incr>},
    {"hget", guarded<hget>},
    {"hset", guarded<hset>},
    {"hgetall", guarded<hgetall>},
    {"hdel", guarded<hdel>},
    {"command", guarded<command>},
    {"query", guarded<query>},
    {"eval", guarded<eval>},
    {"transaction", guarded<transaction>},
    {"pipeline", guarded<redis_pipeline>},
    {"scan", guarded<redis_scan>},
    {"unlink", guarded<redis_unlink>},
    {"save_rdb", guarded<redis_save_rdb>},
    {"info", guarded<redis_info>},
    {"config_get", guarded<redis_config_get>},
    {"config_set", guarded<redis_config_set>},
    {nullptr, nullptr},
};

}  // namespace

const luaL_Reg* redis_methods() {
    return kMethods;
}

}  // namespace drydock::bindings
