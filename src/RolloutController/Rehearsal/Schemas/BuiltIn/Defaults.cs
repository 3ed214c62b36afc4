using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Writes defaults.</summary>
internal static class Defaults
{
    /// <summary>Sets a field that was left out.</summary>
    public static void Or(this JsonObject item, string field, JsonNode value)
    {
        if (item[field] is null)
            item[field] = value;
    }

    /// <summary>The objects in a list.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? item, params ReadOnlySpan<string> path) => item.Items(path).OfType<JsonObject>();

    /// <summary>An object in a field.</summary>
    public static JsonObject? Object(this JsonNode? item, params ReadOnlySpan<string> path) => item.At(path) as JsonObject;
}
