#pragma once

#include <lua.hpp>
#include <string>

#include "engine/redis/step_session.h"

// Arguments and answers of Redis between Lua and the protocol: texts are bytes on both sides.
namespace drydock::bindings {

// The session of the Redis connection at stack index 1 (`connections.cache:method(…)`).
[[nodiscard]] redis::StepSession& redis_argument(lua_State* state);

// What is at `index` as one word of a command: a text as it is, a number as Lua writes it, a size
// as its bytes. Throws Error{Lua} for everything else, secrets too.
[[nodiscard]] std::string word_argument(lua_State* state, int index, const std::string& name);
// Appends the words at `first` to `last`.
void add_words(lua_State* state, redis::Words& to, int first, int last);

// Pushes an answer: texts, numbers, lists; nil where there is nothing, in lists `null`.
void push_reply(lua_State* state, const redis::Reply& reply);

// The methods that are about many keys or many commands, and about the server (api_redis_many.cpp).
int redis_config_get(lua_State* state);
int redis_config_set(lua_State* state);
int redis_info(lua_State* state);
int redis_pipeline(lua_State* state);
int redis_save_rdb(lua_State* state);
int redis_scan(lua_State* state);
int redis_unlink(lua_State* state);

}  // namespace drydock::bindings
