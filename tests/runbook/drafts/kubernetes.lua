-- As a team writes its own actions: an input of the tests.
-- Replicas and secrets of a Kubernetes namespace, through kubectl.

local function replicas(with)
  local answer = command {"kubectl", "-n", with.namespace, "get", "deployment", with.deployment,
                          "-o", "jsonpath={.spec.replicas}", reads = true}
  return math.tointeger(answer.output)
end

local function scale(with, count)
  command {"kubectl", "-n", with.namespace, "scale", "deployment", with.deployment, "--replicas=" .. count}
  command {"kubectl", "-n", with.namespace, "rollout", "status", "deployment/" .. with.deployment, "--timeout=5m", reads = true}
end

local function put(with, value)
  command {"kubectl", "apply", "-f", "-", input = json.encode {
    apiVersion = "v1", kind = "Secret", metadata = {name = with.name, namespace = with.namespace},
    stringData = {[with.key] = value},          -- text made with a secret is a secret: it may go to input, never to a log
  }}
end

return {
  scale = {
    summary = "Sets the number of replicas and waits until it is reached",
    params  = {namespace = "string", deployment = "string", replicas = {type = "integer", min = 0, max = 100}},
    returns = {deployment = "string", was = "integer"},
    needs   = {commands = {"kubectl"}},
    effect  = "unsafe", idempotent = true,
    run  = function(with)
      local was = once("was", function() return replicas(with) end)   -- recorded before anything is changed
      scale(with, with.replicas)
      return {deployment = with.deployment, was = was}
    end,
    undo = function(with, output, recorded) scale(with, recorded.was) end,
  },
  secret = {
    summary = "Replaces one key of a secret",
    params  = {namespace = "string", name = "string", key = "string", value = "secret", previous = "secret"},
    needs   = {commands = {"kubectl"}},
    effect  = "unsafe", idempotent = true,
    run  = function(with) put(with, with.value) end,
    undo = function(with) put(with, with.previous) end,
  },
}
