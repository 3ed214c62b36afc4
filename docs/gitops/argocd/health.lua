-- The health of a Rollout (rollouts.dev) for Argo CD, by its conditions.
local health = { status = "Progressing", message = "the controller has not looked at it yet" }

local status = obj.status
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return health
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition.status
end

health.message = status.message or ""
if obj.metadata.deletionTimestamp ~= nil then
  health.status = "Progressing"
elseif conditions["Stalled"] == "True" then
  health.status = "Degraded"
elseif conditions["Ready"] == "True" then
  health.status = "Healthy"
elseif conditions["Progressing"] ~= "True" then
  -- It waits for a person, or for one of spec.windows to open.
  health.status = "Suspended"
end
return health
