using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>What was stored in the place of a value, where the two can be told to belong together.</summary>
/// <param name="IsKnown">Whether there was such a value.</param>
/// <param name="Value">The value.</param>
internal readonly record struct Earlier(bool IsKnown, JsonNode? Value)
{
    /// <summary>Nothing was stored.</summary>
    public static Earlier Nothing { get; }

    /// <summary>The object that was stored; nothing for null.</summary>
    public static Earlier Object(JsonObject? old) => new(old is not null, old);

    /// <summary>Whether an object had a value in a field.</summary>
    public static bool Has(JsonObject? old, string name, JsonNode? value) => value is not null && old?[name] is { } before && JsonNode.DeepEquals(before, value);

    /// <summary>Whether the value is still the same.</summary>
    public bool Is(JsonNode? value) => IsKnown && JsonNode.DeepEquals(Value, value);

    /// <summary>What was in a field.</summary>
    public Earlier Field(string name) => Value is JsonObject map && map.TryGetPropertyValue(name, out var value) ? new(true, value) : Nothing;

    /// <summary>What was in the place of an item: items are only told by their keys, never by their position.</summary>
    public Earlier Item(JsonNode? item, ListMerge merge)
    {
        if (merge is not ListMerge.Map { Keys: var keys } || Value is not JsonArray items || item is not JsonObject sought)
            return Nothing;
        var found = items.FirstOrDefault(old => old is JsonObject candidate && keys.All(key => JsonNode.DeepEquals(candidate[key], sought[key])));
        return new(found is not null, found);
    }
}
