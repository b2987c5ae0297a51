-- Health of a StormCluster, for resource.customizations.health.storm.apache.org_StormCluster.
local health = {status = "Progressing", message = "Waiting for Stormhooks."}
local status = obj.status
if status == nil or status.conditions == nil then
  return health
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end
local ready = conditions["Ready"]
if ready == nil then
  return health
end

health.message = ready.reason .. ": " .. (ready.message or "")
if status.observedGeneration ~= obj.metadata.generation then
  health.message = "Waiting for Stormhooks to process this version of the spec."
  return health
end
if obj.metadata.deletionTimestamp ~= nil then
  return health
end

-- A Storm that does not answer is Degraded, not Progressing: Stormhooks cannot
-- bring it back.
if ready.status == "True" then
  health.status = "Healthy"
elseif ready.reason == "ClusterUnreachable" or (conditions["Stalled"] ~= nil and conditions["Stalled"].status == "True") then
  health.status = "Degraded"
elseif ready.status == "Unknown" then
  health.status = "Unknown"
end
return health
