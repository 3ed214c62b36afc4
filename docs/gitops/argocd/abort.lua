-- Sends all traffic back to the stable version.
-- Each write of the spec has another generation, so the id is one that was never used.
obj.spec.operation = {
  ["id"] = string.format("argocd-%d", obj.metadata.generation),
  ["verb"] = "Abort",
  ["revision"] = obj.status.canaryRevision,
}
return obj
