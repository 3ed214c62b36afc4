using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>
/// Writes defaults. A null where null is no value counts as left out: it becomes the default, or goes where there is none. In lists it
/// stays, and is refused later.
/// </summary>
internal static class Defaulting
{
    /// <summary>Removes the nulls that are no values and have no default.</summary>
    public static void RemoveNulls(JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map.ToList())
                {
                    if (schema.Child(name) is not { } described)
                        continue;
                    if (child is null && !described.IsNullable && described.Default is null)
                        map.Remove(name);
                    else
                        RemoveNulls(child, described);
                }

                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                    RemoveNulls(item, items);
                break;
        }
    }

    /// <summary>Writes the defaults into a value.</summary>
    public static void Apply(JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case JsonObject map:
                Object(map, schema);
                break;
            case JsonArray array when schema.Items is { } items:
                for (var i = 0; i < array.Count; i++)
                {
                    if (array[i] is null && !items.IsNullable)
                        array[i] = items.Default?.DeepClone();
                    Apply(array[i], items);
                }

                break;
        }
    }

    private static void Object(JsonObject map, SchemaNode schema)
    {
        foreach (var (name, property) in schema.Properties)
        {
            var isLeftOut = !map.TryGetPropertyValue(name, out var given) || (given is null && !property.IsNullable);
            if (isLeftOut && property.Default is not null)
                map[name] = property.Default.DeepClone();
        }

        foreach (var (name, given) in map.ToList())
        {
            if (schema.Child(name) is not { } child)
                continue;
            if (given is null && !child.IsNullable && !schema.Properties.ContainsKey(name))
                map[name] = child.Default?.DeepClone();
            Apply(map[name], child);
        }
    }
}
