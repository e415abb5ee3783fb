-- Migrations of a folder, in the format of whichever tool the team has.

local function params(more)
  local all = {
    connection = "connection",
    path = {type = "source", description = "The folder with the migrations"},
    table = {type = "string", default = null,
             description = "The tool's table, if it is not its usual one"},
  }
  for name, declared in pairs(more or {}) do all[name] = declared end
  return all
end

local returns = {from = "string", version = "string", applied = {type = "list", of = "string"}}

-- What all calls of the library take.
local function options(with, more)
  local all = {connection = with.connection, path = with.path, table = with.table}
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

-- Goes to `version`; the one before is kept for the way back.
local function go(with, version, out_of_order)
  -- Where steps lead is settled once: a repetition must not go further.
  local target = once("target", function()
    return migrate.target(options(with, {version = version, out_of_order = out_of_order}))
  end)
  local from = once("from", function()
    local found = migrate.status(options(with))
    return {version = found.version, newest = found.newest}
  end)
  local done = migrate.to(options(with,
    {version = target, out_of_order = out_of_order, since = from.newest}))
  for _, name in ipairs(done.applied) do log.info("%s", name) end
  return {from = from.version, version = done.version, applied = done.applied}
end

local function back(with, output, recorded)
  if not recorded.from then return end
  local version, newest = recorded.from.version, recorded.from.newest
  migrate.back(options(with, {version = version == "" and "base" or version, since = newest}))
end

-- Repeating it does no harm: the history in the database tells how far it came.
local function action(summary, more, run)
  return {
    summary = summary, params = params(more), returns = returns,
    effect = "unsafe", idempotent = true, run = run, undo = back,
  }
end

return {
  to = action("Brings a database to a version, up or down", {
    version = {type = "string", description = "head, base, +N, -N, or a version"},
    out_of_order = {type = "boolean", default = false,
                    description = "Apply those too that are older than what is applied"},
  }, function(with) return go(with, with.version, with.out_of_order) end),

  up = action("Applies all migrations that are pending", nil,
    function(with) return go(with, "head") end),

  down = action("Takes the last migrations back", {
    count = {type = "integer", default = 1, min = 1, description = "How many"},
  }, function(with) return go(with, "-" .. with.count) end),

  status = {
    summary = "Reports how the migrations of a folder stand in a database",
    params = params(),
    returns = {version = "string", pending = {type = "list", of = "string"}},
    effect = "read",
    run = function(with)
      local found = migrate.status(options(with))
      log.info("%s: at %s, %d pending", found.history,
               found.version == "" and "nothing" or found.version, #found.pending)
      return {version = found.version, pending = found.pending}
    end,
  },

  at = {
    summary = "Checks that a database is at a version",
    params = params {version = {type = "string", description = "As in the file's name"}},
    returns = {version = "string"},
    effect = "read",
    run = function(with)
      local version = migrate.status(options(with)).version
      check(version == with.version, "the database is at %s, wanted %s",
            version == "" and "nothing" or version, with.version)
      return {version = version}
    end,
  },

  validate = {
    summary = "Checks that what is applied has its file, and that no file was edited since",
    params = params(),
    returns = {version = "string"},
    effect = "read",
    run = function(with)
      local found = migrate.status(options(with))
      check(#found.wrong == 0, "%s", table.concat(found.wrong, "; "))
      return {version = found.version}
    end,
  },
}
