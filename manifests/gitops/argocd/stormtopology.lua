-- Health of a StormTopology, for resource.customizations.health.storm.apache.org_StormTopology.
-- Argo CD knows Healthy, Progressing, Degraded, Suspended, Missing and Unknown.
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
-- The status may belong to the previous spec. Then nothing is known about this one.
if status.observedGeneration ~= obj.metadata.generation then
  health.message = "Waiting for Stormhooks to process this version of the spec."
  return health
end
if obj.metadata.deletionTimestamp ~= nil then
  return health
end

-- Stalled: a person has to act. It comes before Ready, which is not true then.
if conditions["Stalled"] ~= nil and conditions["Stalled"].status == "True" then
  health.status = "Degraded"
-- Suspended by spec.suspend, or paused by the annotation storm.apache.org/paused.
elseif (ready.status == "True" and ready.reason == "Suspended") or ready.reason == "Paused" then
  health.status = "Suspended"
elseif ready.status == "True" then
  health.status = "Healthy"
  local errors = conditions["TopologyErrors"]
  if errors ~= nil and errors.status == "True" then
    health.message = errors.reason .. ": " .. (errors.message or "")
  end
-- Storm does not answer, so nothing is known about the topology.
elseif ready.status == "Unknown" then
  health.status = "Unknown"
end
return health
