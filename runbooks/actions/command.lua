-- Programs, started without a shell.

return {
  run = {
    summary = "Runs a program and takes what it prints",
    params = {
      argv = {type = "list", of = "string", description = "The program and its arguments"},
      cwd = {type = "path", default = null, description = "Its working folder"},
      env = {type = "map", default = {}, of = "secret", description = "Its environment"},
      input = {type = "secret", default = null, description = "Its standard input"},
      login = {type = "connection", default = null,
               description = "PostgreSQL that it logs in to by its environment"},
    },
    returns = {output = "string", exit = "integer"},
    effect = "unsafe",
    run = function(with)
      local call = {cwd = with.cwd, env = with.env, input = with.input, login = with.login}
      for place, argument in ipairs(with.argv) do call[place] = argument end
      local answer = command(call)
      return {output = answer.output, exit = answer.exit}
    end,
  },
}
