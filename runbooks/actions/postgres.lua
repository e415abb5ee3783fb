-- PostgreSQL: roles, databases and the plans of queries.

-- Statements about roles take no values: the server itself quotes them, %I a name and %L a text.
local function formatted(connection, template, name, value)
  local statement = connection:value("select format($1, $2::text, $3::text)", template, name, value)
  connection:exec(statement)
end

local function has_role(connection, name)
  return connection:value("select exists (select from pg_roles where rolname = $1)", name)
end

local function has_database(connection, name)
  return connection:value("select exists (select from pg_database where datname = $1)", name)
end

-- Plan nodes from the top.
local function each_node(node, see)
  see(node)
  for _, child in ipairs(node.Plans or {}) do each_node(child, see) end
end

-- Ends the sessions of a database; new ones may come until it has another name.
local function free(connection, name)
  connection:query([[select pg_terminate_backend(pid) from pg_stat_activity
    where datname = $1 and pid <> pg_backend_pid()]], name)
end

-- live → keep_as and incoming → live, both or neither.
local function swap(connection, live, incoming, keep_as)
  free(connection, live)
  free(connection, incoming)
  connection:exec('alter database :"from" rename to :"to"', {from = live, to = keep_as})
  connection:exec('alter database :"from" rename to :"to"', {from = incoming, to = live})
end

return {
  role = {
    summary = "Makes a role, or gives one that is there its login and password",
    params = {
      connection = "connection",
      name = "string",
      login = "boolean",
      password = {type = "secret", default = null,
                  description = "The server gets only what it stores of it (SCRAM-SHA-256)"},
    },
    returns = {name = "string", made = "boolean"},
    effect = "transaction",
    run = function(with)
      local there = has_role(with.connection, with.name)
      local statement = (there and "alter" or "create") .. " role %I " ..
        (with.login and "login" or "nologin")
      if with.password then
        formatted(with.connection, statement .. " password %L", with.name,
                  crypto.scram(with.password))
      else
        formatted(with.connection, statement, with.name)
      end
      return {name = with.name, made = not there}
    end,
    undo = function(with, output)
      if not output.made then return end
      with.connection:exec('drop role if exists :"name"', {name = with.name})
    end,
  },

  database = {
    summary = "Makes a database, unless it is there",
    params = {
      connection = {type = "connection", description = "To another database of the server"},
      name = "string",
      owner = "string",
      encoding = {type = "string", default = "UTF8"},
    },
    returns = {name = "string", made = "boolean"},
    effect = "unsafe",
    run = function(with)
      if has_database(with.connection, with.name) then return {name = with.name, made = false} end
      with.connection:exec_alone('create database :"name" owner :"owner" encoding :"encoding" ' ..
                                 "template template0",
        {name = with.name, owner = with.owner, encoding = with.encoding})
      return {name = with.name, made = true}
    end,
    probe = function(with)
      -- The server makes a database whole or not at all.
      if not has_database(with.connection, with.name) then return false end
      return true, {name = with.name, made = true}
    end,
  },

  plan = {
    summary = "Runs a query and looks at its plan: which indexes it uses, how long it takes",
    params = {
      connection = "connection",
      sql = "sql",
      args = {type = "map", default = {}, description = "Values for :name"},
      uses_index = {type = "string", default = null,
                    description = "Fail when this one is not used"},
      below = {type = "duration", default = null, description = "Fail when it takes longer"},
    },
    returns = {took = "duration", indexes = "list", plan = "any"},
    effect = "read",
    run = function(with)
      local text = with.connection:value("explain (analyze, format json) " .. with.sql, with.args)
      local told = json.decode(text)[1]
      local indexes, used = {}, {}
      each_node(told.Plan, function(node)
        local index = node["Index Name"]
        if index and not used[index] then
          used[index] = true
          table.insert(indexes, index)
        end
      end)
      local took = duration(told["Execution Time"] / 1000)
      if with.uses_index and not used[with.uses_index] then
        fail(string.format("the query does not use %s, it uses %s", with.uses_index,
             #indexes == 0 and "no index" or table.concat(indexes, ", ")),
             "look at its plan: drydock show -v; statistics may be old: analyze the table")
      end
      check(not with.below or took <= with.below, "the query took %s, wanted below %s", took,
            with.below)
      return {took = took, indexes = indexes, plan = told.Plan}
    end,
  },

  swap_databases = {
    summary = "Puts one database in the place of another; both renames or none",
    params = {
      connection = {type = "connection", description = "To a third database of the server"},
      live = {type = "string", description = "The name that the application uses"},
      incoming = "string",
      keep_as = {type = "string", description = "The name that the former one gets"},
    },
    returns = {kept_as = "string"},
    effect = "transaction",
    run = function(with)
      swap(with.connection, with.live, with.incoming, with.keep_as)
      return {kept_as = with.keep_as}
    end,
    undo = function(with) swap(with.connection, with.live, with.keep_as, with.incoming) end,
  },
}
