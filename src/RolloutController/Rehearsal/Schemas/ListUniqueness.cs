using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Finds the items that a set or map holds twice.</summary>
internal sealed class ListUniqueness
{
    private readonly List<FieldProblem> _problems = [];

    /// <summary>Judges the lists of an object.</summary>
    public static IReadOnlyList<FieldProblem> Check(JsonObject body, SchemaNode schema)
    {
        var uniqueness = new ListUniqueness();
        uniqueness.Value(body, schema, "");
        return uniqueness._problems;
    }

    private void Value(JsonNode? value, SchemaNode schema, string path)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Properties.TryGetValue(name, out var property))
                        Value(child, property, JsonPath.Child(path, name));
                    else if (schema.Values is { } values)
                        Value(child, values, JsonPath.Key(path, name));
                }

                break;
            case JsonArray array:
                Array(array, schema, path);
                break;
        }
    }

    private void Array(JsonArray array, SchemaNode schema, string path)
    {
        if (schema.List is ListMerge.Set)
            Unique(array, item => item, path);
        if (schema.List is ListMerge.Map { Keys: var keys })
            Unique(array, item => Key(item, keys), path);
        if (schema.Items is not { } items)
            return;
        for (var i = 0; i < array.Count; i++)
            Value(array[i], items, JsonPath.Index(path, i));
    }

    /// <summary>An item that is there more than twice is told once.</summary>
    private void Unique(JsonArray array, Func<JsonNode?, JsonNode?> key, string path)
    {
        var keys = array.Select(key).ToList();
        for (var i = 1; i < keys.Count; i++)
        {
            if (keys.Take(i).Count(earlier => JsonNode.DeepEquals(earlier, keys[i])) == 1)
                _problems.Add(FieldProblems.Duplicate(JsonPath.Index(path, i), keys[i]));
        }
    }

    private static JsonObject Key(JsonNode? item, IReadOnlyList<string> keys)
    {
        var key = new JsonObject();
        foreach (var name in keys)
        {
            if (item is JsonObject map && map.TryGetPropertyValue(name, out var value))
                key[name] = value?.DeepClone();
        }

        return key;
    }
}
