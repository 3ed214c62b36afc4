using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>
/// The order in which an API server writes fields, whatever the order in which they were given: by name in custom resources and maps, and
/// as the type lists them in built-in kinds.
/// </summary>
internal static class FieldOrder
{
    /// <summary>Orders a custom resource, or a part of one.</summary>
    public static void ByName(JsonNode? value)
    {
        switch (value)
        {
            case JsonObject map:
                Order(map, name => name, StringComparer.Ordinal);
                foreach (var (_, member) in map)
                    ByName(member);
                break;
            case JsonArray array:
                foreach (var item in array)
                    ByName(item);
                break;
        }
    }

    /// <summary>Orders an object of a built-in kind, or a part of one.</summary>
    public static void ByType(JsonNode? value, KindType type)
    {
        switch (type, value)
        {
            case (KindType.Object { Fields: var fields }, JsonObject map):
                Order(map, name => fields.TryGetValue(name, out var field) ? field.Position : int.MaxValue, Comparer<int>.Default);
                foreach (var (name, member) in map)
                {
                    if (fields.TryGetValue(name, out var field))
                        ByType(member, field.Type);
                }

                break;
            case (KindType.Map { Value: var values }, JsonObject map):
                Order(map, name => name, StringComparer.Ordinal);
                foreach (var (_, member) in map)
                    ByType(member, values);
                break;
            case (KindType.List { Item: var items }, JsonArray array):
                foreach (var item in array)
                    ByType(item, items);
                break;
            case (KindType.Anything, _):
                ByName(value);
                break;
        }
    }

    private static void Order<TKey>(JsonObject map, Func<string, TKey> key, IComparer<TKey> comparer)
    {
        var isOrdered = true;
        for (var i = 1; i < map.Count && isOrdered; i++)
            isOrdered = comparer.Compare(key(map.GetAt(i - 1).Key), key(map.GetAt(i).Key)) <= 0;
        if (isOrdered)
            return;
        var members = map.OrderBy(member => key(member.Key), comparer).ToList();
        map.Clear();
        foreach (var (name, member) in members)
            map[name] = member;
    }
}
