-- Which version of TMI is deployed: an action of this runbook's own, so that its way back may be
-- gone twice as well.

return {
  deploy = {
    summary = "Deploys a version of the application",
    params = {
      program = {type = "string", description = "Is given the version"},
      version = "string",
      previous = {type = "string", description = "Version to go back to"},
    },
    effect = "unsafe", idempotent = true,
    run = function(with) command {with.program, with.version} end,
    undo = function(with) command {with.program, with.previous} end,
  },
}
