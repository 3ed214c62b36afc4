-- Freezes progress; a version that fails still goes back.
obj.spec.paused = true
return obj
