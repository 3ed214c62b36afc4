using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Removes the fields that a schema does not have.</summary>
internal sealed class Pruning
{
    private readonly List<string> _removed = [];

    /// <summary>Prunes a whole object, but for its kind and metadata.</summary>
    /// <param name="body">The object, which is changed.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="old">The version before, which is pruned; null for a new object.</param>
    /// <returns>The paths of what was removed.</returns>
    public static IReadOnlyList<string> Prune(JsonObject body, SchemaNode schema, JsonObject? old)
    {
        var pruning = new Pruning();
        pruning.Object(body, schema, "", name => name is "apiVersion" or "kind" or "metadata" || Earlier.Has(old, name, body[name]));
        return pruning._removed;
    }

    private void Value(JsonNode? value, SchemaNode schema, string path)
    {
        switch (value)
        {
            case JsonObject map:
                Object(map, schema, path);
                break;
            case JsonArray array:
                // The items of a list are described or not, whatever the list itself keeps.
                var items = schema.Items ?? (schema.PreservesUnknownFields ? schema : SchemaNode.Unknown);
                for (var i = 0; i < array.Count; i++)
                    Value(array[i], items, JsonPath.Index(path, i));
                break;
        }
    }

    private void Object(JsonObject map, SchemaNode schema, string path, Func<string, bool>? isLeftAlone = null)
    {
        foreach (var (name, value) in map.ToList())
        {
            if (isLeftAlone?.Invoke(name) == true)
                continue;
            if (schema.Child(name) is { } child)
                Value(value, child, JsonPath.Child(path, name));
            else if (!schema.PreservesUnknownFields)
                Remove(map, name, path);
        }
    }

    private void Remove(JsonObject map, string name, string path)
    {
        map.Remove(name);
        _removed.Add(JsonPath.Child(path, name));
    }
}
