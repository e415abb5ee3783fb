-- Migrations of a folder, in the format of whichever tool the team has.

-- The files, and how they are to be read.
local function files(more)
  local all = {
    path = {type = "source", description = "The folder with the migrations"},
    format = {type = "string", default = null,
              description = "The tool whose format they have, if looking does not tell"},
    variables = {type = "map", of = "string", default = {},
                 description = "What variables in the files stand for; no secrets"},
  }
  for name, declared in pairs(more or {}) do all[name] = declared end
  return all
end

local function params(more)
  local all = files {
    connection = "connection",
    table = {type = "string", default = null,
             description = "The tool's table, if it is not its usual one"},
    home_grown = {
      type = "map", default = null, description = "That table is a program's own; its columns",
      fields = {
        key_column = "string",
        key = {type = "string", enum = {"number", "version", "file name"}, default = "number"},
        checksum_column = {type = "string", default = null},
        checksum = {type = "string", enum = {"sha256", "sha1", "md5", "crc32"}, default = null},
        applied_at_column = {type = "string", default = null},
      },
    },
  }
  for name, declared in pairs(more or {}) do all[name] = declared end
  return all
end

local returns = {from = "string", version = "string", applied = {type = "list", of = "string"}}

-- What all calls of the library take.
local function options(with, more)
  local all = {connection = with.connection, path = with.path, format = with.format,
               variables = with.variables, table = with.table, home_grown = with.home_grown}
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

-- Goes to `version`; the one before is kept for the way back.
local function go(with, version)
  local out_of_order = with.out_of_order
  -- Where steps lead is settled once: a repetition must not go further.
  local from = once("from", function()
    return migrate.target(options(with, {version = version, out_of_order = out_of_order}))
  end)
  local done = migrate.to(options(with,
    {version = from.target, out_of_order = out_of_order, plan = with.plan, since = from.newest}))
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
  more.plan = {type = "string", default = null,
               description = "Run only this plan, by the digest that `drydock migrate plan` shows"}
  return {
    summary = summary, params = params(more), returns = returns,
    effect = "unsafe", idempotent = true, run = run, undo = back, undo_idempotent = true,
  }
end

-- Changes the histories, and runs no migration: one transaction. There is no way back but another
-- change, which a person has to decide.
local function change(kind, summary, more)
  return {
    summary = summary, params = params(more),
    returns = {changed = {type = "list", of = "string"}},
    -- What a statement outside of a transaction has left is settled before the transaction.
    effect = kind == "repair" and "unsafe" or "transaction",
    idempotent = kind == "repair" or nil,
    run = function(with)
      local changed = {}
      local done = migrate.change(options(with,
        {change = kind, version = with.version, reason = with.reason}))
      for i, one in ipairs(done) do
        local name = one.name == "" and one.version or one.version .. "_" .. one.name
        changed[i] = name .. " " .. one.does
        log.info("%s: %s", changed[i], one.why)
      end
      if #changed == 0 then log.info("the histories say so already") end
      return {changed = changed}
    end,
  }
end

local why = {type = "string", description = "Kept with what is written"}
local maybe_why = {type = "string", default = "", description = "Kept with what is written"}

return {
  force = change("force", "Makes the histories say that a database is at a version; runs nothing", {
    version = {type = "string", description = "As in a file's name; base: nothing is applied"},
    reason = why,
  }),

  baseline = change("baseline", "Counts what a database without a history has as applied", {
    version = {type = "string", default = "",
               description = "The last one that it has; without it baseline.sql says so"},
    reason = maybe_why,
  }),

  adopt = change("adopt", "Records what another tool has applied, with its files", {
    reason = maybe_why,
  }),

  repair = change("repair", "Accepts edited files, takes marks away that nothing stands behind", {
    reason = why,
  }),

  prerequisites = {
    summary = "Runs prerequisites.sql of the folder, unless it was run as it is now",
    params = params(), returns = {ran = "boolean"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      local ran = migrate.prerequisites(options(with))
      log.info(ran and "run" or "they were run as they are")
      return {ran = ran}
    end,
  },

  to = action("Brings a database to a version, up or down", {
    version = {type = "string", description = "head, base, +N, -N, or a version"},
    out_of_order = {type = "boolean", default = false,
                    description = "Apply those too that are older than what is applied"},
  }, function(with) return go(with, with.version) end),

  up = action("Applies all migrations that are pending", {},
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

  lint = {
    summary = "Tells what is risky in migrations: locks, rewrites, losses, no way back",
    params = files {
      dialect = {type = "string", default = "postgres", enum = {"postgres", "sqlite"}},
      from = {type = "string", default = null, description = "The first version to look at"},
      to = {type = "string", default = null, description = "The last one"},
      rules = {type = "list", of = "string", default = null, description = "Only these"},
    },
    returns = {
      findings = {type = "list", of = "map",
                  description = "Each {rule, level, file, line, column, message, hint}"},
    },
    effect = "read",
    run = function(with)
      local found = migrate.lint(options(with,
        {dialect = with.dialect, from = with.from, to = with.to, rules = with.rules}))
      for _, one in ipairs(found) do
        log.info("%s:%d:%d: %s: %s [%s]", one.file, one.line, one.column, one.level, one.message,
                 one.rule)
      end
      return {findings = found}
    end,
  },

  scratch = {
    summary = "Makes a database for a trial, of a name that none had before",
    params = {
      connection = {type = "connection", description = "To another database of the server"},
    },
    returns = {name = "string"},
    effect = "unsafe",
    run = function(with)
      -- The server refuses a name that is taken.
      local name = "drydock_roundtrip_" .. run.id:lower()
      with.connection:exec_alone('create database :"name" template template0', {name = name})
      return {name = name}
    end,
    probe = function(with)
      local name = "drydock_roundtrip_" .. run.id:lower()
      local there = with.connection:value(
        "select exists (select from pg_database where datname = $1)", name)
      return there, there and {name = name} or nil
    end,
  },

  discard = {
    summary = "Takes a database away that migrate.scratch has made in the same run",
    params = {
      connection = {type = "connection", description = "To another database of the server"},
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      local name = "drydock_roundtrip_" .. run.id:lower()
      -- The step before may still have its session there.
      with.connection:query([[select pg_terminate_backend(pid) from pg_stat_activity
        where datname = $1 and pid <> pg_backend_pid()]], name)
      with.connection:exec_alone('drop database if exists :"name"', {name = name})
    end,
  },

  roundtrip = {
    summary = "Takes each migration up, down and up again on a scratch database, and compares",
    params = files {
      connection = {type = "connection", description = "To a database that is made for it"},
    },
    returns = {migrations = {type = "list", of = "map",
                             description = "Each {version, name, file, is, left, again}"}},
    effect = "unsafe",
    run = function(with)
      local found, wrong = migrate.roundtrip(options(with)), {}
      for _, one in ipairs(found.migrations) do
        log.info("%s: %s", one.file, one.is)
        for _, line in ipairs(one.left) do log.info("  down leaves %s", line) end
        for _, line in ipairs(one.again) do log.info("  the second up makes %s", line) end
        if one.failed then log.info("  %s: %s", one.failed, one.error) end
        if one.is == "differs" then wrong[#wrong + 1] = one.file .. " differs" end
        if one.failed then wrong[#wrong + 1] = one.failed .. " fails: " .. one.error end
      end
      check(found.passed, "%s", table.concat(wrong, "; "))
      return {migrations = found.migrations}
    end,
  },
}
