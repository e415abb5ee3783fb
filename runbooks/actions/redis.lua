-- Redis servers: does it answer, does it keep what it is given, its settings, many keys at once.

return {
  ping = {
    summary = "Checks that a Redis server answers",
    params = {connection = "connection"},
    returns = {version = "string"},
    effect = "read",
    run = function(with)
      check(with.connection:query("PING") == "PONG", "it does not answer PING with PONG")
      return {version = with.connection:info("server").redis_version}
    end,
  },

  round_trip = {
    summary = "Sets a key, reads it back and removes it",
    params = {
      connection = "connection",
      key = {type = "string", description = "One that the application does not use"},
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      local redis, key = with.connection, with.key
      -- The same in a repeated attempt, which may find it there.
      local text = "drydock " .. run.id
      local is_new = redis:set(key, text, {ex = "1m", if_absent = true})
      if not is_new and redis:get(key) ~= text then
        fail("the key " .. key .. " is there already", "give a key that nobody uses")
      end
      redis:set(key, text, {ex = "1m"})
      check(redis:get(key) == text, "the key %s reads back as something else", key)
      check(redis:ttl(key), "the key %s was given an end and has none", key)
      redis:del(key)
      check(not redis:exists(key), "the key %s is still there when it was removed", key)
    end,
  },

  config = {
    summary = "Changes settings of the running server; undo puts the former values back",
    params = {
      connection = "connection",
      set = {type = "map", description = "Names and values as CONFIG SET takes them"},
    },
    returns = {before = "map"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      -- Recorded before anything is changed: a repeated attempt would find its own values.
      local before = once("before", function()
        local values = {}
        for name in pairs(with.set) do
          values[name] = with.connection:config_get(name)
          check(values[name], "the server has no setting %s", name)
        end
        return values
      end)
      with.connection:config_set(with.set)
      return {before = before}
    end,
    undo = function(with, output, recorded)
      if recorded.before then with.connection:config_set(recorded.before) end
    end,
  },

  unlink = {
    summary = "Removes all keys that fit a pattern, in batches",
    params = {
      connection = "connection",
      pattern = {type = "string", description = "With *, ? and […]: cache:*"},
    },
    returns = {
      keys = {type = "integer", description = "Removed by the attempt that came to its end"},
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      return {keys = with.connection:unlink(with.pattern)}
    end,
  },
}
