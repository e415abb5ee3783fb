-- Rows past their time: counted, then deleted in batches, never one that another row still needs.

-- Times are ISO text as SQLite reads it, or numbers: seconds since 1970, or milliseconds.
local function seconds_of(column)
  local text = [[case typeof(COLUMN)
    when 'text' then cast(strftime('%s', COLUMN) as integer)
    when 'integer' then iif(abs(COLUMN) > 100000000000, COLUMN / 1000, COLUMN)
    when 'real' then
      cast(iif(abs(COLUMN) > 100000000000, COLUMN / 1000, COLUMN) as integer) end]]
  return (string.gsub(text, "COLUMN", column))
end

-- A timestamp is bound as text, to the second.
local function moment(parameter)
  return "cast(strftime('%s', " .. parameter .. ") as integer)"
end

local known = [[
select name, wr from pragma_table_list where schema = 'main' and type = 'table']]

local references = [[
select m.name as child, k."table" as parent, k."from" as child_column,
       coalesce(k."to", (select name from pragma_table_info(k."table") where pk = 1))
         as parent_column,
       (select count(*) from pragma_foreign_key_list(m.name) o where o.id = k.id) as columns
  from sqlite_schema m, pragma_foreign_key_list(m.name) k
 where m.type = 'table' order by 1, 2, k.id]]

-- Every rule names a table and a column that are there, once, and none that is kept for ever.
local function check_rules(db, rules, never)
  local without_rowid, wrong, seen = {}, {}, {}
  for _, row in ipairs(db:query(known)) do without_rowid[row.name] = row.wr end
  local forever = {}
  for _, name in ipairs(never) do forever[name] = true end
  for _, rule in ipairs(rules) do
    local columns = 0
    if without_rowid[rule.table] then
      columns = db:value("select count(*) from pragma_table_info($1) where name = $2",
                         rule.table, rule.column)
    end
    if forever[rule.table] then
      table.insert(wrong, rule.table .. " is kept for ever")
    elseif not without_rowid[rule.table] then
      table.insert(wrong, "there is no table " .. rule.table)
    elseif without_rowid[rule.table] == 1 then
      table.insert(wrong, rule.table .. " is WITHOUT ROWID, which retention cannot delete from")
    elseif columns == 0 then
      table.insert(wrong, rule.table .. " has no column " .. rule.column)
    elseif seen[rule.table] then
      table.insert(wrong, rule.table .. " has two rules")
    elseif rule.keep <= duration("0s") then
      table.insert(wrong, rule.table .. " would lose every row: keep must be more than 0s")
    end
    seen[rule.table] = true
  end
  check(#wrong == 0, "%s", table.concat(wrong, "; "))
end

-- Whether the rows of a child can be found by their reference.
local function is_indexed(db, reference)
  return db:value([[
select exists (select 1 from pragma_index_list($1) l, pragma_index_info(l.name) i
                where l.partial = 0 and i.seqno = 0 and i.name = $2)]],
    reference.child, reference.child_column) == 1
end

-- The references to each table. One of several columns together is compared by the first alone,
-- which holds more rows than it must, never fewer.
local function children_by_parent(db)
  local children = {}
  for _, row in ipairs(db:query(references)) do
    local of = children[row.parent] or {}
    children[row.parent] = of
    row.indexed = is_indexed(db, row)
    table.insert(of, row)
  end
  return children
end

-- Tables that refer to others come before them, so that a parent is free when its turn comes.
local function in_order(rules, children)
  local by_table, ordered, visited = {}, {}, {}
  for _, rule in ipairs(rules) do by_table[rule.table] = rule end
  local function visit(rule)
    if visited[rule.table] then return end
    visited[rule.table] = true
    for _, reference in ipairs(children[rule.table] or {}) do
      if by_table[reference.child] then visit(by_table[reference.child]) end
    end
    table.insert(ordered, rule)
  end
  for _, rule in ipairs(rules) do visit(rule) end
  return ordered, by_table
end

-- The condition of a row that goes: old, and no row that stays points to it. `going`: the rules by
-- which such rows go before it, for counting; when deleting they have gone already.
local function condition(rule, children, as_of, going)
  local args, names = {table = rule.table}, 0
  local function name(value)
    names = names + 1
    args["v" .. names] = value
    return "v" .. names
  end
  local function old(of, alias)
    local column = string.format('%s.:"%s"', alias, name(of.column))
    return string.format("(%s) < %s", seconds_of(column), moment(":" .. name(as_of - of.keep)))
  end
  local goes
  -- `above`: the tables whose rows are being decided. A circle of tables ends at the time alone.
  local function stays(reference, alias, above)
    local next = going and going[reference.child]
    if not next then return "" end
    local text = above[reference.child] and old(next, alias) or goes(next, alias, above)
    return " and not ifnull(" .. text .. ", false)"
  end
  function goes(of, alias, above)
    local text, child = old(of, alias), alias .. "c"
    above[of.table] = true
    for _, reference in ipairs(children[of.table] or {}) do
      local to = string.format('%s.:"%s"', alias, name(reference.parent_column))
      local from = string.format('%s.:"%s"', child, name(reference.child_column))
      local rows = string.format(':"%s" %s', name(reference.child), child)
      local rest = stays(reference, child, above)
      -- Without an index the children are gathered once for all rows, not read again for each.
      if reference.indexed then
        text = text .. string.format(" and not exists (select 1 from %s where %s = %s%s)",
                                     rows, from, to, rest)
      else
        text = text .. string.format(
          " and ifnull(%s not in (select %s from %s where %s is not null%s), true)",
          to, from, rows, from, rest)
      end
    end
    above[of.table] = nil
    return "(" .. text .. ")"
  end
  return goes(rule, "p", {}), args
end

local function told(words)
  return #words == 0 and "nothing" or table.concat(words, ", ")
end

local rule_list = {
  type = "list",
  of = {type = "map", fields = {table = "string", column = "string", keep = "duration"}},
  description = "How long the rows of a table are kept, by the time in a column",
}
local never_list = {
  type = "list", of = "string", default = {}, description = "Tables that no rule may name",
}

return {
  count = {
    summary = "Counts the rows that are past their time",
    params = {connection = "connection", rules = rule_list, never = never_list},
    returns = {
      rows = "integer", tables = {type = "map", description = "Rows by table"},
      held = {type = "integer", description = "Old rows that stay because others point to them"},
      as_of = "timestamp", summary = "string",
    },
    effect = "read",
    run = function(with)
      local db, as_of = with.connection, time.now()
      check_rules(db, with.rules, with.never)
      local children = children_by_parent(db)
      local ordered, by_table = in_order(with.rules, children)
      local rows, held, tables, words = 0, 0, {}, {}
      for _, rule in ipairs(ordered) do
        local text, args = condition(rule, children, as_of, by_table)
        local count = db:value('select count(*) from :"table" p where ' .. text, args)
        local old, old_args = condition(rule, {}, as_of)
        held = held + db:value('select count(*) from :"table" p where ' .. old, old_args) - count
        rows, tables[rule.table] = rows + count, count
        if count > 0 then table.insert(words, rule.table .. " " .. count) end
      end
      return {rows = rows, tables = tables, held = held, as_of = as_of, summary = told(words)}
    end,
  },

  apply = {
    summary = "Deletes the rows that are past their time, in batches",
    params = {
      connection = "connection", rules = rule_list, never = never_list,
      as_of = {type = "timestamp", default = null, description = "The moment that was counted"},
      size = {type = "integer", default = 1000, min = 1, description = "Rows in one transaction"},
      pause = {type = "duration", default = "0s", description = "Rest between two batches"},
    },
    returns = {
      rows = {type = "integer", description = "Also those before a crash"},
      tables = {type = "map", description = "Rows by table"}, summary = "string",
    },
    effect = "transaction",
    run = function(with)
      local db = with.connection
      local as_of = with.as_of or once("as_of", function() return time.now() end)
      check_rules(db, with.rules, with.never)
      local children = children_by_parent(db)
      local rows, tables, words = 0, {}, {}
      for _, rule in ipairs((in_order(with.rules, children))) do
        local text, args = condition(rule, children, as_of)
        local count = db:batches {
          key = rule.table, args = args, size = with.size, pause = with.pause,
          sql = 'delete from :"table" where rowid in (select p.rowid from :"table" p where '
            .. text .. " limit :size)",
        }
        rows, tables[rule.table] = rows + count, count
        if count > 0 then table.insert(words, rule.table .. " " .. count) end
      end
      return {rows = rows, tables = tables, summary = told(words)}
    end,
  },
}
