-- Lets a step go on that waits for a person.
-- Each write of the spec has another generation, so the id is one that was never used.
obj.spec.operation = {
  ["id"] = string.format("argocd-%d", obj.metadata.generation),
  ["verb"] = "Promote",
  ["revision"] = obj.status.canaryRevision,
}
return obj
