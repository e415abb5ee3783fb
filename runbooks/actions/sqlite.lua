-- SQLite databases: checks, sizes, compacting, and work on damaged files.

local function pages_of(connection)
  return {
    count = connection:value("pragma page_count"),
    free = connection:value("pragma freelist_count"),
    bytes = connection:value("pragma page_size"),
  }
end

-- What one row of the check says: several lines where it is about pages.
local function add_problems(problems, text)
  for line in string.gmatch(text, "[^\n]+") do
    if line ~= "ok" and not string.find(line, "^%*%*%* in database") then
      table.insert(problems, line)
    end
  end
end

local function told(problems)
  if #problems == 0 then return "no problems" end
  if #problems == 1 then return problems[1] end
  return string.format("%d problems, first: %s", #problems, problems[1])
end

-- The first hundred problems of the pages and indexes. A file that is too damaged to be looked at
-- is a problem too; a lock, or a file that is not there, is an error of this step.
local function page_problems(connection, mode)
  local pragma = mode == "quick" and "quick_check" or "integrity_check"
  local problems = {}
  local ok, failure = pcall(function()
    connection:each("pragma " .. pragma .. "(100)", function(row)
      add_problems(problems, row[pragma])
    end)
  end)
  if ok then return problems end
  local code = type(failure) == "table" and failure.code or ""
  if code == "SQLITE_NOTADB" or string.sub(code, 1, 14) == "SQLITE_CORRUPT" then
    table.insert(problems, failure.message)
    return problems
  end
  error(failure, 0)
end

local orphans = [[
select "table" as child, parent, count(*) as rows from pragma_foreign_key_check
 group by 1, 2 order by 1, 2 limit 100]]

local function foreign_key_problems(connection, problems)
  for _, row in ipairs(connection:query(orphans)) do
    local problem = row.rows == 1 and "%d row of %s points to no row of %s"
      or "%d rows of %s point to no row of %s"
    table.insert(problems, string.format(problem, row.rows, row.child, row.parent))
  end
end

-- Bytes of each table with its indexes, largest first.
local sizes = [[
select s.tbl_name as name, sum(d.pgsize) as bytes
  from dbstat d join sqlite_schema s on s.name = d.name
 where d.aggregate = true group by 1 order by 2 desc, 1]]

-- Not every SQLite is built with dbstat: then the names alone.
local names = "select name from sqlite_schema where type = 'table' order by 1"

local function tables_of(connection)
  local tables = {}
  local ok, rows = pcall(connection.query, connection, sizes)
  if not ok then
    if type(rows) ~= "table" or rows.kind ~= "sql" then error(rows, 0) end
    rows = connection:query(names)
  end
  for _, row in ipairs(rows) do
    table.insert(tables, {name = row.name, bytes = row.bytes and size(row.bytes)})
  end
  return tables
end

return {
  check = {
    summary = "Looks for damage in pages and indexes, and for broken foreign keys",
    params = {
      connection = "connection",
      mode = {
        type = "string", enum = {"quick", "full"}, default = "full",
        description = "quick: without comparing indexes with tables",
      },
      foreign_keys = {type = "boolean", default = false},
      must_pass = {
        type = "boolean", default = true,
        description = "Fail when there is a problem",
      },
    },
    returns = {ok = "boolean", problems = "list", summary = "string"},
    effect = "read",
    run = function(with)
      local problems = page_problems(with.connection, with.mode)
      local damaged = #problems > 0
      -- Rows of a damaged file say nothing about their keys.
      if with.foreign_keys and not damaged then foreign_key_problems(with.connection, problems) end
      local ok, summary = #problems == 0, told(problems)
      if with.must_pass and not ok then
        local hint = "repair these rows before anything is built on them"
        if damaged then
          hint = "change nothing in this file: keep a copy, then salvage it or go back to a backup"
        end
        fail(summary, hint)
      end
      return {ok = ok, problems = problems, summary = summary}
    end,
  },

  size = {
    summary = "Tells how large the database and its tables are",
    params = {connection = "connection"},
    returns = {bytes = "size", free_bytes = "size", tables = "list"},
    effect = "read",
    run = function(with)
      local pages = pages_of(with.connection)
      return {
        bytes = size(pages.count * pages.bytes),
        free_bytes = size(pages.free * pages.bytes),
        tables = tables_of(with.connection),
      }
    end,
  },

  vacuum = {
    summary = "Gives free pages back to the file system",
    params = {connection = "connection"},
    returns = {before = "size", after = "size"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      local db = with.connection
      local pages = pages_of(db)
      backup.vacuum_room {
        connection = db, pages = pages.count, free_pages = pages.free, page_bytes = pages.bytes,
      }
      local before = once("before", function() return size(pages.count * pages.bytes) end)
      db:exec_alone("vacuum")
      if db:value("pragma journal_mode") == "wal" then
        -- The compacted pages are in the log; the file shrinks when they are moved into it.
        if backup.is_alone {connection = db} then
          db:exec_alone("pragma wal_checkpoint(truncate)")
        else
          log.info("another program has it open: the file shrinks with that one's next checkpoint")
        end
      end
      local after = pages_of(db)
      return {before = before, after = size(after.count * after.bytes)}
    end,
  },

  analyze = {
    summary = "Renews the statistics that queries are planned with",
    params = {connection = "connection"},
    returns = {tables = "integer"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      with.connection:exec_alone("analyze")
      return {tables = with.connection:value("select count(distinct tbl) from sqlite_stat1")}
    end,
  },

  preserve = {
    summary = "Copies the file with its log aside, byte for byte",
    params = {connection = "connection", to = {type = "path", description = "A folder"}},
    returns = {path = "path", files = "list"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      return backup.preserve {connection = with.connection, to = with.to}
    end,
  },

  salvage = {
    summary = "Copies every row that can be read out of a damaged file",
    params = {
      from = {type = "path", description = "The damaged file, put aside with sqlite.preserve"},
      to = {type = "path", description = "A folder"},
    },
    returns = {path = "path", rows_read = "integer", rows_lost = "integer", summary = "string"},
    effect = "unsafe", idempotent = true,
    run = function(with)
      return backup.salvage {from = with.from, to = with.to}
    end,
  },

  stage = {
    summary = "Makes a database out of a backup, a copy or an SQL dump, and proves it",
    params = {
      from = {type = "path", description = "May be compressed or sealed"},
      to = {type = "path", description = "A folder; on the disk of the database that is restored"},
      seal_with = {type = "secret", default = null, description = "Key of a sealed backup"},
    },
    returns = {
      path = "path", bytes = "size", rows = "integer", summary = "string",
      proven = {type = "boolean", description = "It has the digest and the rows of its manifest"},
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      return backup.stage {from = with.from, to = with.to, seal_with = with.seal_with}
    end,
  },

  compare = {
    summary = "Counts the rows that only one of two databases has",
    params = {left = "path", right = "path"},
    returns = {only_left = "integer", only_right = "integer", summary = "string"},
    effect = "read",
    run = function(with)
      return backup.compare {left = with.left, right = with.right}
    end,
  },

  replace = {
    summary = "Swaps another file in; the old one stays beside it",
    params = {
      connection = "connection",
      from = {type = "path", description = "A database or a backup of one"},
    },
    returns = {kept_as = "path"},
    effect = "unsafe", idempotent = true,   -- a repeated attempt completes what was begun
    run = function(with)
      local kept_as = once("kept_as", function()
        return backup.kept_name {connection = with.connection, at = time.now()}
      end)
      backup.replace {connection = with.connection, from = with.from, kept_as = kept_as}
      return {kept_as = kept_as}
    end,
    undo = function(with, output, recorded)
      if recorded.kept_as then
        backup.put_back {connection = with.connection, kept_as = recorded.kept_as}
      end
    end,
  },
}
