---@meta
-- connections.NAME of a Redis server, for editors (LuaLS); the rest is in drydock.lua.

---@class redis_set_options
---@field ex? duration|string|number   its time to live
---@field keep_ttl? boolean            the time to live that it has stays
---@field if_absent? boolean           only when the key is not there
---@field if_present? boolean          only when it is

---@class redis_connection   Keys and values are texts of any bytes; numbers and sizes are written
---out. What reads is free, what writes is an unsafe effect, except transaction.
redis_connection = {}
---The text of the key, or nil.
---@param key string
---@return string?
function redis_connection:get(key) end
---Returns whether it was set.
---@param key string
---@param value string|number|size
---@param options? redis_set_options
---@return boolean
function redis_connection:set(key, value, options) end
---Returns how many were there.
---@param key string
---@param ... string
---@return integer
function redis_connection:del(key, ...) end
---@param key string
---@return boolean
function redis_connection:exists(key) end
---Gives the key a time to live; false when there is no such key.
---@param key string
---@param length duration|string|number
---@return boolean
function redis_connection:expire(key, length) end
---How long the key still lives; nil when it has no end, or is not there.
---@param key string
---@return duration?
function redis_connection:ttl(key) end
---Adds to the number in the key, and returns the sum.
---@param key string
---@param by? integer   1
---@return integer
function redis_connection:incr(key, by) end
---@param key string
---@param field string
---@return string?
function redis_connection:hget(key, field) end
---Sets a field, several, or those of a table. Returns how many are new.
---@param key string
---@param field string|table<string, string|number>
---@param value? string|number
---@return integer
function redis_connection:hset(key, field, value, ...) end
---@param key string
---@return table<string, string>
function redis_connection:hgetall(key) end
---Returns how many fields were there.
---@param key string
---@param field string
---@param ... string
---@return integer
function redis_connection:hdel(key, field, ...) end
---Any command but those of the session itself (SELECT, MULTI, SUBSCRIBE …). In lists a nil is
---`null`.
---@param name string
---@param ... string|number
---@return any
function redis_connection:command(name, ...) end
---The same for commands that change nothing, and no others: DBSIZE, SLOWLOG GET, MEMORY USAGE.
---@param name string
---@param ... string|number
---@return any
function redis_connection:query(name, ...) end
---Runs a script on the server.
---@param script string
---@param keys? string[]
---@param args? (string|number)[]
---@return any
function redis_connection:eval(script, keys, args) end
---One command, once, with its answer, also when the step is repeated after a crash: the server
---keeps a token with the key in the same moment. Not where it may forget that: an allkeys-*
---eviction policy or a cluster make it an unsafe effect.
---@param options {key: string, [integer]: string|number}   transaction{key = "…", "INCR", "n"}
---@return any
function redis_connection:transaction(options) end
---Sends many commands at once: fn gets p, on which p:set("a", 1) or p:command("SET", "a", 1) notes
---a command. Returns the answers in order. Fails with the first error when all are answered.
---@param fn fun(p: table)
---@return any[]
function redis_connection:pipeline(fn) end
---Calls fn with each key that fits the pattern (*, ?, […]), in bounded memory; false from fn ends
---it. A key may come twice. Returns the number of keys seen.
---@param pattern string
---@param fn fun(key: string): boolean?
---@return integer
function redis_connection:scan(pattern, fn) end
---Removes all keys that fit the pattern, in batches. Returns how many.
---@param pattern string
---@return integer
function redis_connection:unlink(pattern) end
---The server's data in a file (RDB), taken as a replica takes it: from anywhere, one moment's
---state, its checksum proven. The user needs +sync and +replconf.
---@param path string
---@return {path: string, bytes: integer, sha256: string, checksummed: boolean}
function redis_connection:save_rdb(path) end
---What INFO says: redis_version, used_memory, db0.keys …
---@param section? string   server, memory, stats, replication …
---@return table<string, any>
function redis_connection:info(section) end
---The value of a setting; with a pattern (*, ?, […]) a table of them. Passwords are left out.
---@param name string
---@return string|table<string, string>|nil
function redis_connection:config_get(name) end
---Sets one setting, or those of a table. Returns what they were.
---@param name string|table<string, string|number|size>
---@param value? string|number|size
---@return table<string, string> before
function redis_connection:config_set(name, value) end
