-- Services of this machine, by systemd. An undo brings back the state in which the step found one.

-- What systemd calls running, or will call so by itself: `activating` also waits for a restart.
local function runs(with)
  local state = command{with.manager, "is-active", with.unit, expect = "any", reads = true}.output
  state = state:gsub("%s+$", "")
  return state == "active" or state == "activating" or state == "reloading"
end

-- Also when it seems to be there already: what systemd has planned is changed by it.
local function bring(with, verb)
  command{with.manager, verb, with.unit}
  check(runs(with) == (verb == "start"), "%s %s %s has ended, and the service is %s", with.manager,
        verb, with.unit, verb == "start" and "not running" or "still running")
end

local params = {
  unit = {type = "string", pattern = "[A-Za-z0-9_@][A-Za-z0-9_@.:-]*",
          description = "As systemctl names it"},
  manager = {type = "string", default = "systemctl",
             description = "Another program that is asked like it, one of commands:"},
}

local function action(summary, verb, back)
  return {
    summary = summary,
    params = params,
    returns = {was_running = "boolean"},
    needs = {commands = {"systemctl"}},
    effect = "unsafe",
    idempotent = true,
    run = function(with)
      local was = once("was_running", function() return runs(with) end)
      bring(with, verb)
      return {was_running = was}
    end,
    undo = function(with, output, recorded)
      if recorded.was_running == (verb == "stop") then bring(with, back) end
    end,
  }
end

return {
  start = action("Starts a service", "start", "stop"),
  stop = action("Stops a service", "stop", "start"),
}
