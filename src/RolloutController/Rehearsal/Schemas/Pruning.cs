using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Removes the fields that a schema does not have.</summary>
internal sealed class Pruning
{
    private readonly List<string> _removed = [];

    /// <summary>Prunes a whole object, but for its kind and metadata.</summary>
    /// <returns>The paths of what was removed.</returns>
    public static IReadOnlyList<string> Prune(JsonObject body, SchemaNode schema)
    {
        var pruning = new Pruning();
        pruning.Object(body, schema, "", isRoot: true);
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

    private void Object(JsonObject map, SchemaNode schema, string path, bool isRoot = false)
    {
        foreach (var (name, value) in map.ToList())
        {
            if (isRoot && name is ("apiVersion" or "kind" or "metadata"))
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
