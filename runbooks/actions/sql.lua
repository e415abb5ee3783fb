-- SQL on any database. Every write commits together with its receipt: once, whatever dies between.

local args = {
  type = "map", default = {},
  description = "Values for :name and, as identifiers, for :\"name\"",
}

-- :exec gives the rows of RETURNING, or how many it changed.
local function rows_of(result)
  if type(result) == "table" then return #result end
  return result
end

local function count(connection, name)
  return connection:value('select count(*) from :"table"', {table = name})
end

-- What is wrong with `value`, or nothing.
local function wrong(wanted, value)
  if value == nil then return "nothing was found" end
  if wanted.equals ~= nil and value ~= wanted.equals then
    return string.format("%s, wanted %s", value, wanted.equals)
  end
  if wanted.at_least ~= nil and value < wanted.at_least then
    return string.format("%s, wanted at least %s", value, wanted.at_least)
  end
  if wanted.at_most ~= nil and value > wanted.at_most then
    return string.format("%s, wanted at most %s", value, wanted.at_most)
  end
end

return {
  run = {
    summary = "Runs SQL in one transaction",
    params = {connection = "connection", sql = "sql", args = args},
    returns = {rows = "integer"},
    effect = "transaction",
    run = function(with)
      return {rows = rows_of(with.connection:exec(with.sql, with.args))}
    end,
  },

  file = {
    summary = "Runs the SQL of a file in one transaction",
    params = {connection = "connection", file = "source", args = args},
    returns = {rows = "integer"},
    effect = "transaction",
    run = function(with)
      return {rows = rows_of(with.connection:exec(with.file.text, with.args))}
    end,
  },

  batches = {
    summary = "Repeats SQL in small transactions until it changes nothing",
    params = {
      connection = "connection",
      sql = {
        type = "sql",
        description = "Takes :size rows at a time; :started is the time of the first batch",
      },
      args = args,
      size = {type = "integer", default = 1000, min = 1},
      pause = {type = "duration", default = "0s", description = "Rest between two batches"},
    },
    returns = {
      rows = {type = "integer", description = "Of the step, also those before a crash"},
      batches = "integer",
    },
    effect = "transaction",
    run = function(with)
      local rows, batches = with.connection:batches {
        key = "batches", sql = with.sql, args = with.args, size = with.size, pause = with.pause,
      }
      return {rows = rows, batches = batches}
    end,
  },

  count = {
    summary = "Counts the rows of tables, and compares the numbers",
    params = {
      connection = "connection",
      tables = {type = "list", of = "string"},
      equals = {
        type = "map", default = null,
        description = "Rows that a table must have, by its name",
      },
    },
    returns = {rows = "map", summary = "string"},
    effect = "read",
    run = function(with)
      local rows, words, differs = {}, {}, {}
      for _, name in ipairs(with.tables) do
        rows[name] = count(with.connection, name)
        table.insert(words, name .. " " .. rows[name])
      end
      for name, wanted in pairs(with.equals or {}) do
        local found = rows[name] or count(with.connection, name)
        if found ~= wanted then
          table.insert(differs, string.format("%s has %s rows, wanted %s", name, found, wanted))
        end
      end
      check(#differs == 0, "%s", table.concat(differs, "; "))
      return {rows = rows, summary = table.concat(words, ", ")}
    end,
  },

  assert = {
    summary = "Asks the database questions and checks the answers",
    params = {
      connection = "connection",
      args = args,
      checks = {type = "list", of = {type = "map", fields = {
        name = "string",
        sql = "sql",
        equals = {type = "any", default = null},
        at_least = {type = "any", default = null},
        at_most = {type = "any", default = null},
      }}},
    },
    returns = {values = {type = "map", description = "The answers, by the names of the checks"}},
    effect = "read",
    run = function(with)
      local values, failed = {}, {}
      for _, one in ipairs(with.checks) do
        local value = with.connection:value(one.sql, with.args)
        values[one.name] = value
        local problem = wrong(one, value)
        if problem then table.insert(failed, one.name .. ": " .. problem) end
      end
      check(#failed == 0, "%s", table.concat(failed, "; "))
      return {values = values}
    end,
  },
}
