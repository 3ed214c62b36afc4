using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>
/// Strategic merge patch, which built-in kinds take: as a merge patch, but lists that have a merge key are merged item by item.
/// Directives: <c>$patch: delete</c> and <c>$patch: replace</c>, <c>$deleteFromPrimitiveList</c>; the order of lists is left as it is.
/// </summary>
internal static class StrategicMergePatch
{
    /// <summary>Changes an object.</summary>
    public static void Apply(JsonObject target, JsonObject patch, IMergeRules rules) => Apply(target, patch, rules, []);

    private static void Apply(JsonObject target, JsonObject patch, IMergeRules rules, IReadOnlyList<string> path)
    {
        if ((string?)patch["$patch"] == "replace")
            target.Clear();
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
                DeleteValues(target[name[(name.IndexOf('/') + 1)..]] as JsonArray, change as JsonArray);
            else if (!name.StartsWith('$'))
                Apply(target, name, change, rules, [.. path, name]);
        }
    }

    private static void Apply(JsonObject target, string name, JsonNode? change, IMergeRules rules, IReadOnlyList<string> path)
    {
        switch (change)
        {
            case null:
            case JsonObject deleted when (string?)deleted["$patch"] == "delete":
                target.Remove(name);
                break;
            case JsonObject changes:
                if (target[name] is not JsonObject member)
                    target[name] = member = [];
                Apply(member, changes, rules, path);
                break;
            case JsonArray items when rules.PatchKey(path) is { } key && target[name] is JsonArray list:
                Merge(list, items, key, rules, path);
                break;
            case JsonArray items:
                target[name] = new JsonArray([.. items.Where(item => item is not JsonObject { } member || member["$patch"] is null).Select(item => item?.DeepClone())]);
                break;
            default:
                target[name] = change.DeepClone();
                break;
        }
    }

    private static void Merge(JsonArray list, JsonArray changes, string key, IMergeRules rules, IReadOnlyList<string> path)
    {
        if (changes.Any(change => change is JsonObject directive && (string?)directive["$patch"] == "replace"))
            list.Clear();
        if (key.Length == 0)
        {
            foreach (var value in changes.Where(value => value is JsonValue && !list.Any(item => JsonNode.DeepEquals(item, value))).ToList())
                list.Add(value!.DeepClone());
            return;
        }

        foreach (var change in changes.OfType<JsonObject>().Where(change => change[key] is not null))
        {
            var existing = list.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[key], change[key]));
            if ((string?)change["$patch"] == "delete")
                list.Remove(existing);
            else if (existing is not null)
                Apply(existing, change, rules, path);
            else
                list.Add(change.DeepClone());
        }
    }

    private static void DeleteValues(JsonArray? list, JsonArray? values)
    {
        foreach (var value in values ?? [])
        {
            if (list?.FirstOrDefault(item => JsonNode.DeepEquals(item, value)) is { } found)
                list.Remove(found);
        }
    }
}
