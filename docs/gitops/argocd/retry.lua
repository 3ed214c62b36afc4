-- Tries a version again that failed or was undone.
-- Each write of the spec has another generation, so the id is one that was never used.
local failed = obj.status.failedRevision or ""
if failed == "" then
  failed = obj.status.undo.from
end
obj.spec.operation = {
  ["id"] = string.format("argocd-%d", obj.metadata.generation),
  ["verb"] = "Retry",
  ["revision"] = failed,
}
return obj
