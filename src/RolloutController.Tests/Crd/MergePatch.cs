using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>JSON merge patch (RFC 7396).</summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
            return patch?.DeepClone();
        var merged = target?.DeepClone() as JsonObject ?? [];
        foreach (var (name, change) in changes)
            if (change is null)
                merged.Remove(name);
            else
                merged[name] = Apply(merged[name], change);
        return merged;
    }
}
