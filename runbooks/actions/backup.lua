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
      local server = with.connection:info("server")
      fs.write(saved.path .. ".manifest.json", json.encode({
        drydock_backup = 1, kind = "redis", file = name, taken_at = time.format(at),
        run = run.id, redis_version = server.redis_version, server = server.run_id,
        bytes = saved.bytes, sha256 = saved.sha256, checksummed = saved.checksummed,
      }))
      return {
        path = saved.path, bytes = size(saved.bytes), digest = saved.sha256, taken_at = at,
      }
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
    summary = "Proves a backup again: its digest, its pages, its rows",
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
