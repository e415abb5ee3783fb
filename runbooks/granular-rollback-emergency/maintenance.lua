-- Maintenance mode of TMI: an action of this runbook's own.

local params = {
  api = {type = "string", description = "Base URL of the application"},
  token = "secret",
}

local function switch(with, word)
  http {
    method = "POST", url = with.api .. "/admin/maintenance/" .. word, bearer = with.token,
    expect = 200, timeout = "10s",
  }
end

return {
  enable = {
    summary = "Switches maintenance mode on",
    params = params, effect = "unsafe", idempotent = true,
    run = function(with) switch(with, "enable") end,
    undo = function(with) switch(with, "disable") end,
  },
  disable = {
    summary = "Switches maintenance mode off",
    params = params, effect = "unsafe", idempotent = true,
    run = function(with) switch(with, "disable") end,
    undo = function(with) switch(with, "enable") end,
  },
}
