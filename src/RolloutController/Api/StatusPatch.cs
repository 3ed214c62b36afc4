using System.Text.Json.Nodes;

namespace RolloutController.Api;

/// <summary>The merge patch that leads from one JSON object to another (RFC 7386): changed fields, and null for fields that go.</summary>
public static class StatusPatch
{
    /// <summary>The patch; null where nothing changed.</summary>
    public static JsonObject? Between(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, value) in to)
        {
            if (!from.TryGetPropertyValue(name, out var before))
                patch[name] = value?.DeepClone();
            else if (before is JsonObject beforeObject && value is JsonObject valueObject)
                AddNested(patch, name, Between(beforeObject, valueObject));
            else if (!JsonNode.DeepEquals(before, value))
                patch[name] = value?.DeepClone();
        }

        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
                patch[name] = null;
        }

        return patch.Count == 0 ? null : patch;
    }

    private static void AddNested(JsonObject patch, string name, JsonObject? nested)
    {
        if (nested is not null)
            patch[name] = nested;
    }
}
