-- Actions of this team. A file returns them by name; a runbook beside it says `uses: ./tenants.export`.

return {
  export = {
    summary = "Writes the documents of a tenant to a file",
    params = {
      connection = "connection",
      tenant = "string",
      to = {type = "path", description = "Folder of the exports"},
    },
    returns = {path = "string", documents = "integer"},
    -- It writes a file, which no database transaction covers; doing it twice gives the same file.
    effect = "unsafe",
    idempotent = true,
    run = function(with)
      local rows = with.connection:query(
        "select id, title from documents where tenant = $1 order by id", with.tenant)
      local path = with.to .. "/" .. with.tenant .. ".json"
      fs.mkdir(with.to)
      fs.write(path, json.encode(rows, {pretty = true}))
      log.info("%s: %d documents", with.tenant, #rows)
      return {path = path, documents = #rows}
    end,
    undo = function(with, output)
      if output then fs.remove(output.path) end
    end,
  },
}
