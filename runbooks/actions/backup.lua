-- Backups: taken, proven, found again, thinned out.

-- The sizes of the files in a folder, by path. Manifests are not what anybody wants to free.
local function sizes_in(folder)
  local sizes = {}
  for _, name in ipairs(fs.list(folder)) do
    local found = fs.stat(folder .. "/" .. name)
    if found.kind == "file" and name:sub(-14) ~= ".manifest.json" then
      sizes[folder .. "/" .. name] = found.size
    end
  end
  return sizes
end

-- Does `work` and tells what the step freed, also what an attempt before a crash had freed: by
-- what was there when the first one began.
local function freeing(folder, work)
  local before = once("sizes", function() return sizes_in(folder) end)
  local files, freed, told = {}, size(0), {}
  for _, path in ipairs(work().files) do told[path] = true end
  for path, bytes in pairs(before) do
    if not fs.exists(path) then
      local now = path .. ".gz"
      local packed = fs.exists(now) and before[now] == nil
      freed = freed + (packed and bytes - fs.stat(now).size or bytes)
      told[packed and now or path] = true
    end
  end
  for path in pairs(told) do files[#files + 1] = path end
  return {files = files, freed_bytes = freed}
end

-- PostgreSQL's own programs do the work; each logs in by its environment.
local postgres_programs = {commands = {"pg_dump", "pg_restore", "psql"}}

-- Those of extensions are made by the extension.
local ordinary_tables = [[
  select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't'
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
  order by 1]]

-- A query that counts the rows of tables, whose names come quoted as SQL wants them.
local function counting(tables)
  local parts = {}
  for place, name in ipairs(tables) do
    local text = name:gsub("'", "''")
    parts[place] = string.format("select 'table', '%s', count(*) from %s", text, name)
  end
  return parts
end

-- One statement sees one moment: it counts the rows and gives that moment a name, under which
-- pg_dump sees the same, as long as our transaction is open.
local function dump(connection, part)
  local tables, rows, seen, snapshot = {}, {}, 0, nil
  for _, row in ipairs(connection:query(ordinary_tables)) do tables[#tables + 1] = row.name end
  local parts = counting(tables)
  parts[#parts + 1] = "select 'snapshot', pg_export_snapshot(), 0"
  connection:each("select * from (" .. table.concat(parts, " union all ") ..
                  ") as counted (what, name, rows)", function(row)
    seen = seen + 1
    if row.what == "table" then rows[row.name] = row.rows end
    if row.what == "snapshot" then snapshot = row.name end
    if seen < #parts then return end
    command{"pg_dump", "--no-password", "--format=custom", "--snapshot=" .. snapshot,
            "--file=" .. part, login = connection}
  end)
  return rows
end

local function has_database(admin, name)
  return admin:value("select exists (select from pg_database where datname = $1)", name)
end

local function discard(admin, name)
  if not has_database(admin, name) then return end
  admin:query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
  admin:exec_alone('drop database :"name"', {name = name})
end

-- Restores into a database of its own, which it makes anew, and compares the rows of each table.
local function restore(admin, path, rows, into)
  discard(admin, into.database)
  admin:exec_alone('create database :"name" template template0', {name = into.database})
  if into.owner then
    admin:exec_alone('alter database :"name" owner to :"owner"',
                     {name = into.database, owner = into.owner})
  end
  local call = {"pg_restore", "--no-password", "--exit-on-error", "--jobs=" .. into.jobs,
                "--dbname=" .. into.database, path, login = admin}
  if not into.keep_owners then
    table.insert(call, 2, "--no-owner")
    table.insert(call, 2, "--no-privileges")
  end
  command(call)
  local tables = {}
  for name in pairs(rows) do tables[#tables + 1] = name end
  if #tables == 0 then return end
  local text = "analyze;\nselect json_object_agg(name, rows) from (" ..
    table.concat(counting(tables), " union all ") .. ") as counted (what, name, rows);\n"
  local answer = command{"psql", "--no-password", "--no-psqlrc", "--quiet", "--no-align",
    "--tuples-only", "--set=ON_ERROR_STOP=1", login = admin, env = {PGDATABASE = into.database},
    input = text}
  local found = json.decode(answer.output)
  for name, wanted in pairs(rows) do
    check(found[name] == wanted, "%s has %s rows when it is restored, and had %d", name,
          found[name], wanted)
  end
end

local function database_of(admin, oid)
  return admin:value("select datname from pg_database where oid = $1", oid)
end

-- The name of a database, fit for a file.
local function name_of(connection)
  return (connection:value("select current_database()"):gsub("[^%w_.-]", "_"))
end

-- The database that a backup of this one is restored into for its proof.
local function proof_of(connection)
  return "drydock_verify_" .. run.short .. "_" .. name_of(connection):sub(1, 32)
end

-- The name of a restored database until it is whole.
local function beside_of(database)
  return "drydock_restore_" .. run.short .. "_" .. database:gsub("[^%w_.-]", "_"):sub(1, 32)
end

return {
  sqlite = {
    summary = "Backs a SQLite database up while it is in use, and proves the copy",
    params = {
      connection = "connection",
      to = {type = "path", description = "A folder"},
      compress = {type = "boolean", default = false},
      seal_with = {type = "secret", default = null, description = "Key to encrypt it with"},
    },
    returns = {path = "path", bytes = "size", digest = "string", taken_at = "timestamp"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      -- Recorded, so that a repeated attempt completes the same file.
      local at = once("at", function() return time.now() end)
      local taken = backup.sqlite {
        connection = with.connection, to = with.to, at = at,
        compress = with.compress, seal_with = with.seal_with,
      }
      return {
        path = taken.path, bytes = taken.bytes, digest = taken.digest, taken_at = taken.taken_at,
      }
    end,
  },

  redis = {
    summary = "Saves a Redis server's data to a file, and proves its checksum",
    params = {connection = "connection", to = {type = "path", description = "A folder"}},
    returns = {path = "path", bytes = "size", digest = "string", taken_at = "timestamp"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      -- Recorded, so that a repeated attempt writes the same file.
      local at = once("at", function() return time.now() end)
      local name = "redis-" .. time.format(at, "%Y%m%dT%H%M%SZ") .. ".rdb"
      fs.mkdir(with.to)
      local saved = with.connection:save_rdb(with.to .. "/" .. name)
      if not saved.checksummed then
        log.warn("the server makes no checksums (rdbchecksum no): nothing proves the file")
      end
      local taken = backup.record {
        connection = with.connection, path = saved.path, at = at, proven = saved.checksummed,
        version = with.connection:info("server").redis_version,
      }
      return {path = taken.path, bytes = taken.bytes, digest = taken.digest, taken_at = at}
    end,
  },

  postgres = {
    summary = "Backs a PostgreSQL database up with pg_dump, and proves it by a restore",
    params = {
      connection = "connection",
      to = {type = "path", description = "A folder"},
      verify_on = {
        type = "connection", default = null,
        description = "A server's other database, to restore beside; without it nothing is proven",
      },
      jobs = {type = "integer", default = 1, min = 1, max = 64,
              description = "Tables restored at once"},
    },
    returns = {
      path = "path", bytes = "size", digest = "string", taken_at = "timestamp", rows = "map",
    },
    needs = postgres_programs,
    effect = "unsafe", idempotent = true,
    run = function(with)
      -- Recorded, so that a repeated attempt writes the same file.
      local at = once("at", function() return time.now() end)
      local name = name_of(with.connection)
      local path = string.format("%s/%s-%s.dump", with.to, name,
                                 time.format(at, "%Y%m%dT%H%M%SZ"))
      local part = path .. ".part"
      fs.mkdir(with.to)
      fs.write(part, "")   -- for our user only, before anything is in it
      local proven, rows = pcall(function()
        local rows = dump(with.connection, part)
        if with.verify_on then
          local beside = proof_of(with.connection)
          restore(with.verify_on, part, rows, {database = beside, jobs = with.jobs})
          discard(with.verify_on, beside)
        end
        return rows
      end)
      if not proven then
        fs.remove(part)
        error(rows, 0)
      end
      fs.move(part, path)
      local taken = backup.record {
        connection = with.connection, path = path, at = at, rows = rows,
        version = with.connection:value("show server_version"), proven = with.verify_on ~= nil,
      }
      return {
        path = taken.path, bytes = taken.bytes, digest = taken.digest, taken_at = at, rows = rows,
      }
    end,
    -- The backup stays; what a crash has left of the proof goes.
    undo = function(with)
      if with.verify_on then discard(with.verify_on, proof_of(with.connection)) end
    end,
  },

  restore = {
    summary = "Restores a PostgreSQL backup into a new database, and proves it there",
    params = {
      path = {type = "path", description = "A backup that backup.postgres has made"},
      connection = {type = "connection", description = "To another database of the server"},
      database = {type = "string", description = "A name that is not there yet"},
      owner = {type = "string", default = null, description = "Role that the database belongs to"},
      jobs = {type = "integer", default = 1, min = 1, max = 64,
              description = "Tables restored at once"},
    },
    returns = {database = "string", taken_at = "timestamp", rows = "map"},
    needs = postgres_programs,
    effect = "unsafe", idempotent = true,
    run = function(with)
      local admin, known = with.connection, backup.describe {path = with.path}
      check(known.kind == "postgres", "%s is a backup of %s", with.path, known.kind)
      backup.verify {path = with.path}
      -- Whole before it has the name that was asked for; who it is tells its number.
      local beside = beside_of(with.database)
      local made = once("made", function()
        if has_database(admin, with.database) then
          fail("there is a database " .. with.database .. " already", "give another name")
        end
        restore(admin, with.path, known.rows, {
          database = beside, jobs = with.jobs, owner = with.owner, keep_owners = true,
        })
        return {oid = admin:value("select oid::bigint from pg_database where datname = $1", beside)}
      end)
      if database_of(admin, made.oid) == beside then
        admin:exec_alone('alter database :"from" rename to :"to"',
                         {from = beside, to = with.database})
      end
      check(database_of(admin, made.oid) == with.database, "the restored database has gone")
      return {database = with.database, taken_at = known.taken_at, rows = known.rows}
    end,
    undo = function(with, output, recorded)
      local admin, beside = with.connection, beside_of(with.database)
      if not recorded.made then return discard(admin, beside) end
      local name = database_of(admin, recorded.made.oid)
      if not name then return end
      check(name == with.database or name == beside,
            "the restored database is called %s now: somebody uses it", name)
      discard(admin, name)
    end,
  },

  latest = {
    summary = "Finds the newest proven backup of a database",
    params = {
      folder = "path",
      of = {type = "connection", description = "Whose backups are meant; it is not opened"},
      before = {type = "timestamp", default = null, description = "Only older ones"},
    },
    returns = {path = "path", bytes = "size", taken_at = "timestamp", summary = "string"},
    effect = "read",
    run = function(with)
      local found = backup.latest {folder = with.folder, of = with.of, before = with.before}
      return {
        path = found.path, bytes = found.bytes, taken_at = found.taken_at, summary = found.summary,
      }
    end,
  },

  verify = {
    summary = "Proves a backup again: its digest; of SQLite also its pages and its rows",
    params = {
      path = "path",
      seal_with = {
        type = "secret", default = null,
        description = "Key of a sealed one; without it only its digest is proven",
      },
    },
    returns = {digest = "string"},
    effect = "read",
    run = function(with)
      return backup.verify {path = with.path, seal_with = with.seal_with}
    end,
  },

  compress = {
    summary = "Compresses backups that have reached an age",
    params = {
      folder = "path",
      of = {type = "connection", description = "Whose backups are meant; it is not opened"},
      older_than = "duration",
    },
    returns = {files = "list", freed_bytes = "size"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      return freeing(with.folder, function()
        return backup.compress {
          folder = with.folder, of = with.of, before = time.now() - with.older_than,
        }
      end)
    end,
  },

  prune = {
    summary = "Removes backups past their time, never the newest proven one",
    params = {
      folder = "path",
      of = {type = "connection", description = "Whose backups are meant; it is not opened"},
      keep_for = "duration",
    },
    returns = {files = "list", freed_bytes = "size"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      return freeing(with.folder, function()
        return backup.prune {
          folder = with.folder, of = with.of, before = time.now() - with.keep_for,
        }
      end)
    end,
  },
}
