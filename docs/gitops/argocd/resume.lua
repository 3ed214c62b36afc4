-- Lets a Rollout go on that was paused.
obj.spec.paused = false
return obj
