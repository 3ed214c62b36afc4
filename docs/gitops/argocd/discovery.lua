-- What can be done with a Rollout (rollouts.dev) by Argo CD, and whether it makes sense now.
local actions = {}

local status = obj.status or {}
local canary = status.canaryRevision or ""
local isPaused = obj.spec.paused == true

local reason = ""
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    reason = condition.reason
  end
end

local function offer(name, isPossible, label, icon)
  actions[name] = { ["disabled"] = not isPossible, ["displayName"] = label, ["iconClass"] = "fa fa-fw " .. icon }
end

offer("promote", canary ~= "" and reason == "Paused" and not isPaused, "Promote: let the step go on", "fa-forward")
offer("abort", canary ~= "" and (status.stableRevision or "") ~= "" and status.phase ~= "RollingBack", "Abort: all traffic back to stable", "fa-undo")
offer("retry", canary == "" and ((status.failedRevision or "") ~= "" or status.undo ~= nil), "Retry the version that failed", "fa-redo")
offer("pause", not isPaused, "Pause", "fa-pause")
offer("resume", isPaused, "Resume", "fa-play")
return actions
