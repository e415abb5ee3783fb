#include <map>

#include "bindings/api.h"
#include "bindings/redis_values.h"

// connections.NAME of a Redis server: many keys, many commands, the server itself.
namespace drydock::bindings {
namespace {

// p:NAME(argument, …) inside of pipeline(function(p) … end): remembers the command. Upvalues: the
// list of commands, the name (nil: the first argument is it).
int add_command(lua_State* state) {
    redis::Words words;
    if (lua_type(state, lua_upvalueindex(2)) == LUA_TSTRING)
        words.push_back(text_argument(state, lua_upvalueindex(2), "the command"));
    add_words(state, words, 2, lua_gettop(state));
    luaL_checkstack(state, 4, nullptr);
    lua_createtable(state, static_cast<int>(words.size()), 0);
    lua_Integer at = 0;
    for (const std::string& word : words) {
        push_text(state, word);
        lua_rawseti(state, -2, ++at);
    }
    const auto next = static_cast<lua_Integer>(lua_rawlen(state, lua_upvalueindex(1)));
    lua_rawseti(state, lua_upvalueindex(1), next + 1);
    return 0;
}

// p.NAME: upvalue 1 is the list of commands.
int command_by_name(lua_State* state) {
    const std::string name = text_argument(state, 2, "the name of a command");
    lua_pushvalue(state, lua_upvalueindex(1));
    if (name == "command")
        lua_pushnil(state);
    else
        push_text(state, name);
    lua_pushcclosure(state, guarded<add_command>, 2);
    return 1;
}

// The commands in the list at `index`.
std::vector<redis::Words> commands_in(lua_State* state, int index) {
    std::vector<redis::Words> commands;
    for (lua_Integer i = 1; lua_rawgeti(state, index, i) != LUA_TNIL; ++i) {
        redis::Words& words = commands.emplace_back();
        for (lua_Integer j = 1; lua_rawgeti(state, -1, j) != LUA_TNIL; ++j) {
            words.push_back(text_argument(state, -1, "a word"));
            lua_pop(state, 1);
        }
        lua_pop(state, 2);
    }
    lua_pop(state, 1);
    return commands;
}

}  // namespace

int redis_pipeline(lua_State* state) {
    luaL_checktype(state, 2, LUA_TFUNCTION);
    lua_settop(state, 2);
    lua_newtable(state);  // 3: the commands
    lua_pushvalue(state, 2);
    lua_newtable(state);
    lua_createtable(state, 0, 2);
    lua_pushvalue(state, 3);
    lua_pushcclosure(state, guarded<command_by_name>, 1);
    lua_setfield(state, -2, "__index");
    lua_pushboolean(state, 0);
    lua_setfield(state, -2, "__metatable");
    lua_setmetatable(state, -2);
    protected_call(state, 1, 0);
    const std::vector<redis::Reply> answers = redis_argument(state).pipeline(commands_in(state, 3));
    push_reply(state, {.kind = redis::Reply::Kind::List, .items = answers});
    return 1;
}

int redis_scan(lua_State* state) {
    const std::string pattern = text_argument(state, 2, "the pattern");
    luaL_checktype(state, 3, LUA_TFUNCTION);
    lua_Integer seen = 0;
    redis_argument(state).scan(pattern, [&](const std::string& key) {
        ++seen;
        luaL_checkstack(state, 4, nullptr);
        lua_pushvalue(state, 3);
        push_text(state, key);
        protected_call(state, 1, 1);
        const bool stop = lua_type(state, -1) == LUA_TBOOLEAN && lua_toboolean(state, -1) == 0;
        lua_pop(state, 1);
        return !stop;
    });
    lua_pushinteger(state, seen);
    return 1;
}

int redis_unlink(lua_State* state) {
    const std::string pattern = text_argument(state, 2, "the pattern");
    lua_pushinteger(state, redis_argument(state).unlink(pattern));
    return 1;
}

int redis_info(lua_State* state) {
    const std::string section =
        lua_isnoneornil(state, 2) ? std::string() : text_argument(state, 2, "the section");
    push_value(state, Value(redis_argument(state).info(section)));
    return 1;
}

// save_rdb(path): {path, bytes, sha256, checksummed}
int redis_save_rdb(lua_State* state) {
    execute::StepContext& context = context_of(state);
    const std::string path =
        context.files().checked_path(text_argument(state, 2, "the path"), false);
    redis::StepSession& session = redis_argument(state);
    context.begin_file_change("redis.save_rdb", path);
    const redis::Snapshot saved = session.save_snapshot(path);
    push_value(state, Value::Map{{"path", path},
                                 {"bytes", saved.bytes},
                                 {"sha256", saved.sha256},
                                 {"checksummed", saved.checksummed}});
    return 1;
}

// config_get(name): its value, or nil; with a pattern (* ? [): a table.
int redis_config_get(lua_State* state) {
    const std::string pattern = text_argument(state, 2, "the setting");
    const Value::Map found = redis_argument(state).config_get(pattern);
    if (pattern.find_first_of("*?[") != std::string::npos) {
        push_value(state, Value(found));
    } else {
        const auto one = found.find(pattern);
        push_value(state, one == found.end() ? Value() : one->second);
    }
    return 1;
}

int redis_config_set(lua_State* state) {
    std::map<std::string, std::string> values;
    if (lua_type(state, 2) == LUA_TTABLE) {
        lua_settop(state, 2);
        // A map that steps were given is frozen; what it holds is behind it.
        if (!push_behind_frozen(state, 2)) lua_pushvalue(state, 2);
        lua_pushnil(state);
        while (lua_next(state, 3) != 0) {
            const std::string name = word_argument(state, -2, "a setting");
            values[name] = word_argument(state, -1, "the value of " + name);
            lua_pop(state, 1);
        }
        lua_pop(state, 1);
    } else {
        values[text_argument(state, 2, "the setting")] = word_argument(state, 3, "the value");
    }
    push_value(state, Value(redis_argument(state).config_set(values)));
    return 1;
}

}  // namespace drydock::bindings
