-- Upkeep of a PostgreSQL server: what its health is, dead rows, bloated and invalid indexes.

-- Health. Columns that not every version has are read through to_jsonb: absent, they are null.

-- No size of what somebody has locked exclusively is asked for: it would wait for that lock.
local tables_sql = [[
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock'
     and database = (select oid from pg_database where datname = current_database()))
select s.schemaname as schema, s.relname as name, n_live_tup as live, n_dead_tup as dead,
       n_mod_since_analyze as modified, age(c.relfrozenxid)::bigint as age,
       (extract(epoch from clock_timestamp() - greatest(last_vacuum, last_autovacuum)))::float8
         as vacuumed_ago,
       pg_has_role(c.relowner, 'usage') or
         pg_has_role((select datdba from pg_database where datname = current_database()), 'usage')
         as mine,
       exists (select from pg_statistic_ext e left join pg_stats_ext d
                 on d.statistics_schemaname = e.stxnamespace::regnamespace::text
                and d.statistics_name = e.stxname
                where e.stxrelid = c.oid and d.statistics_name is null) as lacks_statistics,
       case when exists (select from locked where relation = c.oid or relation in (
                           select indexrelid from pg_index where indrelid = c.oid))
            then null else pg_table_size(c.oid) end as bytes,
       case when exists (select from locked where relation = c.oid or relation in (
                           select indexrelid from pg_index where indrelid = c.oid))
            then null else pg_indexes_size(c.oid) end as index_bytes
  from pg_stat_user_tables s join pg_class c on c.oid = s.relid
 where c.relpersistence <> 't' and c.relkind = 'r'
 order by bytes desc nulls last, 1, 2]]

-- An index is expected to hold a head and the aligned values of each row, its pages nine tenths
-- full: an estimate from statistics, for plain columns of B-trees only.
local indexes_sql = [[
with locked as materialized (
  select relation from pg_locks where mode = 'AccessExclusiveLock'),
sized as (
  select x.*, n.nspname as schema, i.relname as name, t.relname as on_table, i.reltuples,
         coalesce(s.idx_scan, 0) as scans, a.amname, k.width,
         exists (select from pg_constraint where conindid = i.oid) as constraint,
         pg_has_role(t.relowner, 'usage') as mine,
         case when exists (select from locked where relation = i.oid) then null
              else pg_relation_size(i.oid) end as bytes
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
    join pg_namespace n on n.oid = i.relnamespace join pg_am a on a.oid = i.relam
    left join pg_stat_user_indexes s on s.indexrelid = i.oid
    left join lateral (
      select sum(p.avg_width) as width from unnest(x.indkey::int2[]) as k (attnum)
        join pg_attribute c on c.attrelid = t.oid and c.attnum = k.attnum
        join pg_stats p on p.schemaname = n.nspname and p.tablename = t.relname
                       and p.attname = c.attname
      having count(*) = x.indnatts) k on true
   where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
     and t.relkind = 'r' and t.relpersistence <> 't')
select schema, name, on_table, bytes, scans, mine,
       indisunique or indisprimary or "constraint" as needed,
       not indisvalid and not exists (
         select from pg_stat_progress_create_index b where b.index_relid = indexrelid) as invalid,
       name ~ '_cc(new|old)[0-9]*$' and not indisvalid as left_over,
       not indisexclusion and indisvalid as can_be_rebuilt,
       case when amname = 'btree' and reltuples > 0
            then round(reltuples * (12 + ceil(width / 8.0) * 8) / 0.9 + 8192)::bigint end as wanted,
       (select min(o.name) from sized o
         where o.indrelid = sized.indrelid and o.indexrelid < sized.indexrelid
           and o.indkey::text = sized.indkey::text and o.indclass::text = sized.indclass::text
           and o.indcollation::text = sized.indcollation::text
           and o.indoption::text = sized.indoption::text
           and o.indnkeyatts = sized.indnkeyatts and o.indisunique >= sized.indisunique
           and coalesce(pg_get_expr(o.indexprs, o.indrelid), '') =
               coalesce(pg_get_expr(sized.indexprs, sized.indrelid), '')
           and coalesce(pg_get_expr(o.indpred, o.indrelid), '') =
               coalesce(pg_get_expr(sized.indpred, sized.indrelid), '')) as same_as
  from sized order by bytes desc nulls last, 1, 2]]

-- What people do on the server that keeps maintenance from its work.
local activity_sql = [[
select pid::text as who, usename::text as "user", state, left(query, 200) as query,
       (extract(epoch from clock_timestamp() - xact_start))::float8 as age,
       (select string_agg(b::text, ', ') from unnest(pg_blocking_pids(pid)) b) as waits_for
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
union all
select 'prepared transaction ' || gid, owner::text, 'prepared', null,
       (extract(epoch from clock_timestamp() - prepared))::float8, null
  from pg_prepared_xacts where database = current_database()
 order by age desc limit 100]]

local server_sql = [[
select current_setting('server_version') as version, pg_database_size(current_database()) as bytes,
       (select (blks_hit / nullif(blks_hit + blks_read, 0)::float8) from pg_stat_database
         where datname = current_database()) as hit_ratio,
       (select max(age(datfrozenxid))::bigint from pg_database) as oldest,
       current_setting('autovacuum_freeze_max_age')::bigint as freeze_at]]

local slots_sql = [[
select slot_name::text as name, active, to_jsonb(s) ->> 'wal_status' as wal,
       case when not pg_is_in_recovery()
            then pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint end as bytes
  from pg_replication_slots s order by 1]]

local replicas_sql = [[
select coalesce(nullif(application_name, ''), client_addr::text) as name, state,
       extract(epoch from replay_lag)::float8 as lag from pg_stat_replication order by 1]]

local function quoted(connection, row)
  return connection:value("select format('%I.%I', $1::text, $2::text)", row.schema, row.name)
end

local function add(list, format, ...)
  if #list < 50 then table.insert(list, string.format(format, ...)) end
end

local function percent(share) return string.format("%d %%", math.floor(share * 100 + 0.5)) end

-- The indexes that should be built anew, largest first; findings for all that is odd.
local function look_at_indexes(connection, with, findings)
  local anew, unused = {}, {}
  for _, index in ipairs(connection:query(indexes_sql)) do
    local name = quoted(connection, index)
    local large = index.bytes and index.bytes >= with.least
    if index.left_over then
      add(findings, "index %s was left by a rebuild that broke off", name)
    elseif index.invalid then
      add(findings, "index %s is invalid: no query uses it, every write pays for it", name)
    elseif index.same_as then
      add(findings, "index %s is the same as %s", name, index.same_as)
    elseif large and index.scans == 0 and not index.needed then
      table.insert(unused, name)
      add(findings, "index %s has %s and was never used", name, size(index.bytes))
    end
    local bloated = large and index.wanted and index.can_be_rebuilt and
      index.bytes > with.bloat * index.wanted
    if bloated then
      add(findings, "index %s has %s, about %s would do", name, size(index.bytes),
          size(index.wanted))
    end
    if index.mine and (index.invalid or bloated) and #anew < 100 then table.insert(anew, name) end
  end
  return anew, unused
end

local function look_at_tables(connection, with, findings)
  local tables, dead_rows = {}, 0
  for _, row in ipairs(connection:query(tables_sql)) do
    local name = quoted(connection, row)
    local share = row.dead / math.max(1, row.live + row.dead)
    dead_rows = dead_rows + row.dead
    if row.dead >= 1000 and share > 0.2 then
      add(findings, "table %s: %s of its rows are dead%s", name, percent(share),
          row.bytes and ", about " .. tostring(size(math.floor(row.bytes * share))) or "")
    end
    if not row.bytes then
      add(findings, "table %s is locked by somebody, its size is unknown", name)
    end
    if row.lacks_statistics then
      add(findings, "table %s has extended statistics that were never gathered", name)
    end
    if #tables < with.largest then
      table.insert(tables, {name = name, bytes = row.bytes and size(row.bytes),
                            index_bytes = row.index_bytes and size(row.index_bytes),
                            live = row.live, dead = row.dead})
    end
  end
  return tables, dead_rows
end

local function look_at_sessions(connection, with, findings)
  local held = 0
  for _, session in ipairs(connection:query(activity_sql)) do
    local who = string.match(session.who, "^%d+$") and "pid " .. session.who or session.who
    if session.age and session.age > with.long then
      held = held + 1
      add(findings, "%s (%s) has a transaction open for %s: no row that went since can be removed",
          who, session.user, duration(math.floor(session.age)))
    end
    if session.waits_for then
      add(findings, "%s (%s) waits for a lock of pid %s", who, session.user, session.waits_for)
    end
  end
  return held
end

local function look_at_server(connection, findings)
  local server = connection:row(server_sql)
  if server.oldest > 2 * server.freeze_at then
    add(findings, "rows are up to %d transactions old: without a VACUUM the server stops " ..
        "at 2147 millions", server.oldest)
  end
  if server.hit_ratio and server.hit_ratio < 0.9 then
    add(findings, "%s of the blocks were found in memory", percent(server.hit_ratio))
  end
  for _, slot in ipairs(connection:query(slots_sql)) do
    if not slot.active or slot.wal == "lost" or slot.wal == "unreserved" then
      add(findings, "replication slot %s is %s and holds %s of log", slot.name,
          slot.active and slot.wal or "not in use", size(slot.bytes or 0))
    end
  end
  for _, replica in ipairs(connection:query(replicas_sql)) do
    if replica.state ~= "streaming" or (replica.lag or 0) > 60 then
      add(findings, "replica %s is %s, %s behind", replica.name or "?", replica.state or "?",
          duration(math.floor(replica.lag or 0)))
    end
  end
  return server
end

-- Upkeep. One statement for one table or index: what is done stays done, whatever comes after.

-- Runs `statement`. What keeps it from its work for now is returned; what is wrong is raised.
local function unless_busy(connection, statement, names)
  local ok, failure = pcall(connection.exec_alone, connection, statement, names)
  if ok then return nil end
  local for_now = type(failure) == "table" and
    (failure.kind == "busy" or failure.kind == "timeout" or failure.code == "40P01")
  if not for_now then error(failure, 0) end
  return failure.message
end

local object_sql = [[
select n.nspname as schema, c.relname as name, c.relkind as kind,
       pg_has_role(c.relowner, 'usage') or pg_has_role((select datdba from pg_database
         where datname = current_database()), 'usage') as mine
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)]]

-- What `text` names; an error when there is none.
local function found(connection, text)
  local row = connection:row(object_sql, text)
  if not row then fail("there is no " .. text .. " in this database", "write it as schema.name") end
  return row
end

-- Does `one` with each of `list` until the time is over.
local function each_in_time(list, within, one)
  local began, left = time.now(), {}
  for i, item in ipairs(list) do
    if time.now() - began >= within then
      table.insert(left, item)
    else
      progress(i - 1, #list, item)
      one(item)
    end
  end
  if #left > 0 then
    log.warn("the time is over; left for the next run: " .. table.concat(left, ", "))
  end
  return left
end

local function due(connection, with)
  local names = {}
  for _, row in ipairs(connection:query(tables_sql)) do
    local all = math.max(1, row.live + row.dead)
    local worth = row.dead >= with.least and row.dead / all >= with.dead
    local unknown = row.modified >= with.least and row.modified / all >= with.dead
    if worth or unknown or row.lacks_statistics or row.age > with.age then
      table.insert(names, quoted(connection, row))
    end
  end
  return names
end

-- A rebuild that broke off leaves an invalid index beside the one it was to replace.
local leftovers_sql = [[
select n.nspname as schema, l.relname as name
  from pg_index x join pg_class l on l.oid = x.indexrelid
  join pg_namespace n on n.oid = l.relnamespace
 where not x.indisvalid
   and x.indrelid = (select indrelid from pg_index where indexrelid = to_regclass($1))
   and l.relname ~ '_cc(new|old)[0-9]*$'
   and not exists (select from pg_stat_progress_create_index b where b.index_relid = l.oid)
 order by 2]]

local function drop_leftovers(connection, name)
  for _, leftover in ipairs(connection:query(leftovers_sql, name)) do
    local why = unless_busy(connection,
                            'drop index concurrently if exists :"schema".:"name"', leftover)
    if why then return why end
  end
end

-- Why it is not done, or nothing.
local function rebuild(connection, name)
  -- It may itself be a leftover, and be gone after this; the name is looked for again.
  local why = drop_leftovers(connection, name)
  if why then return why end
  if not connection:value("select to_regclass($1) is not null", name) then return nil end
  local index = found(connection, name)
  if index.kind ~= "i" then fail(name .. " is no index", "name it as schema.index") end
  if not index.mine then return "it belongs to somebody else" end
  why = unless_busy(connection, 'reindex index concurrently :"schema".:"name"', index)
  if why then return drop_leftovers(connection, name) or why end
end


return {
  health = {
    summary = "Reports sizes, dead rows, indexes, long transactions, replication and age",
    params = {
      connection = "connection",
      largest = {type = "integer", default = 20, min = 0, description = "Tables in the report"},
      least = {type = "size", default = "1MiB", description = "Smaller indexes are not looked at"},
      bloat = {type = "number", default = 3, min = 1,
               description = "Times its estimated size from which an index is bloated"},
      long = {type = "duration", default = "5m",
              description = "A transaction open for longer is reported"},
    },
    returns = {
      version = "string", bytes = "size", dead_rows = "integer", hit_ratio = "number",
      tables = "list",
      reindex = {type = "list", description = "Indexes that are invalid or bloated"},
      unused = "list",
      long_transactions = "integer",
      findings = {type = "list", description = "What somebody should look at, in words"},
    },
    effect = "read",
    run = function(with)
      local connection, findings = with.connection, {}
      local server = look_at_server(connection, findings)
      local held = look_at_sessions(connection, with, findings)
      local tables, dead_rows = look_at_tables(connection, with, findings)
      local reindex, unused = look_at_indexes(connection, with, findings)
      for _, finding in ipairs(findings) do log.warn(finding) end
      return {
        version = server.version, bytes = size(server.bytes), dead_rows = dead_rows,
        hit_ratio = server.hit_ratio or 1.0, tables = tables, reindex = reindex, unused = unused,
        long_transactions = held, findings = findings,
      }
    end,
  },

  vacuum = {
    summary = "Removes dead rows and renews statistics, table by table, around locked ones",
    params = {
      connection = "connection",
      tables = {type = "list", of = "string", default = null,
                description = "schema.table; without it those that need it"},
      dead = {type = "number", default = 0.1, min = 0, max = 1,
              description = "Share of dead or changed rows from which a table needs it"},
      least = {type = "integer", default = 1000, min = 0,
               description = "And at least so many rows"},
      age = {type = "integer", default = 100000000,
             description = "Transactions since its oldest row from which a table needs it"},
      within = {type = "duration", default = "1h",
                description = "No table is begun after that; it is left for the next run"},
    },
    returns = {
      done = "list",
      skipped = {type = "list", description = "{table, why}"},
      left = "list",
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      local connection, done, skipped = with.connection, {}, {}
      -- Once: a table that is done is not due any more, and its name would be missing afterwards.
      local tables = once("tables", function() return with.tables or due(connection, with) end)
      local left = each_in_time(tables, with.within, function(name)
        local table_of = found(connection, name)
        local why = "it belongs to somebody else"
        if table_of.mine then
          why = unless_busy(connection, 'vacuum (analyze) :"schema".:"name"', table_of)
        end
        if not why then
          table.insert(done, name)
          return
        end
        log.warn(string.format("skipped %s: %s", name, why))
        table.insert(skipped, {table = name, why = why})
      end)
      return {done = done, skipped = skipped, left = left}
    end,
  },

  reindex = {
    summary = "Builds indexes anew beside the old ones; reading and writing goes on",
    params = {
      connection = {type = "connection",
                    description = "Its lock_timeout is how long it waits for transactions to end"},
      indexes = {type = "list", of = "string", description = "schema.index"},
      within = {type = "duration", default = "1h",
                description = "No index is begun after that; it is left for the next run"},
    },
    returns = {
      done = "list",
      skipped = {type = "list", description = "{index, why}"},
      left = "list",
    },
    effect = "unsafe", idempotent = true,
    run = function(with)
      local connection, done, skipped = with.connection, {}, {}
      local left = each_in_time(with.indexes, with.within, function(name)
        local why = rebuild(connection, name)
        if not why then
          table.insert(done, name)
          return
        end
        log.warn(string.format("skipped %s: %s", name, why))
        table.insert(skipped, {index = name, why = why})
      end)
      return {done = done, skipped = skipped, left = left}
    end,
  },
}
