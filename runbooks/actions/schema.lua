-- What databases are made of: the same on PostgreSQL and SQLite.

local before = {
  type = "any", description = "The snapshot of an earlier step: ${steps.ID.snapshot}",
}

return {
  snapshot = {
    summary = "Takes down what a database is made of, to be compared later",
    params = {connection = "connection"},
    returns = {
      snapshot = "any",
      digest = {type = "string", description = "Equal exactly where the snapshots are"},
    },
    effect = "read",
    run = function(with) return schema.snapshot(with.connection) end,
  },

  compare = {
    summary = "Tells what has changed in a database since a snapshot of it",
    params = {connection = "connection", before = before},
    returns = {
      changes = {type = "list", of = "map", description = "Each {change, type, name, facts}"},
      summary = "string",
    },
    effect = "read",
    run = function(with)
      local found = schema.compare(with.connection, with.before)
      for _, line in ipairs(found.lines) do log.info("%s", line) end
      return {changes = found.changes, summary = found.summary}
    end,
  },

  check = {
    summary = "Fails unless a database has these indexes, columns and constraints",
    params = {
      connection = "connection",
      has = {
        type = "map", description = "Names; without a schema they are those that the session finds",
        fields = {
          indexes = {type = "list", of = "string", default = {}},
          columns = {type = "map", of = "list", default = {}, description = "By table"},
          constraints = {type = "map", of = "list", default = {}, description = "By table"},
        },
      },
    },
    returns = {warnings = {type = "list", of = "string"}},
    effect = "read",
    run = function(with)
      local found = schema.check(with.connection, with.has)
      for _, warning in ipairs(found.warnings) do log.warn("%s", warning) end
      if #found.missing > 0 then
        fail(table.concat(found.missing, "; "), table.concat(found.remedies, "; "))
      end
      return {warnings = found.warnings}
    end,
  },
}
