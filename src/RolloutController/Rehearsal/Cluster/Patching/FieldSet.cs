using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>
/// The fields of an object that somebody wrote, in the form of <c>managedFields</c>: <c>f:</c> and the name of a member, <c>k:</c> and the
/// keys of an item of a list, <c>v:</c> and a value of a set; a dot where the item itself is meant. A leaf is an empty object.
/// </summary>
internal static class FieldSet
{
    private const string Self = ".";

    /// <summary>The fields that an object writes; what names the object belongs to nobody.</summary>
    public static JsonObject Of(JsonObject item, IMergeRules rules) => Of(item, null, rules);

    /// <summary>The fields that an object writes and that an earlier version had not, or with another value.</summary>
    /// <param name="before">The earlier version; null when there is none.</param>
    /// <param name="now">The object.</param>
    /// <param name="rules">How its lists merge.</param>
    public static JsonObject Changed(JsonObject? before, JsonObject now, IMergeRules rules)
    {
        var fields = Of(now, before, rules);
        if (before is not null)
            Retain(fields, before, now, same: false);
        return fields;
    }

    /// <summary>Leaves only those fields in a set that are the same in two versions of an object, or only those that are not.</summary>
    /// <remarks>An item of a list alone, without its fields, is the same when both versions have it or neither.</remarks>
    public static void Retain(JsonObject set, JsonNode? one, JsonNode? other, bool same)
    {
        foreach (var (key, fields) in set.ToList())
        {
            if (fields is JsonObject { Count: > 0 } below)
            {
                Retain(below, Step(one, key), Step(other, key), same);
                if (below.Count > 0)
                    continue;
            }
            else if (same == (key == Self ? one is null == other is null : JsonNode.DeepEquals(Step(one, key), Step(other, key))))
            {
                continue;
            }
            set.Remove(key);
        }
    }

    /// <summary>The paths of all leaves.</summary>
    public static IEnumerable<IReadOnlyList<string>> Leaves(JsonObject set) => Leaves(set, []);

    /// <summary>Whether a leaf, or what it is part of, is in a set.</summary>
    public static bool Holds(JsonObject set, IReadOnlyList<string> path)
    {
        foreach (var key in path)
        {
            if (set[key] is not JsonObject below)
                return false;
            if (below.Count == 0)
                return true;
            set = below;
        }
        return true;
    }

    /// <summary>Puts the leaves of another set into a set.</summary>
    public static void Add(JsonObject set, JsonObject more)
    {
        foreach (var (key, fields) in more)
        {
            if (set[key] is not JsonObject below)
                set[key] = below = [];
            Add(below, fields!.AsObject());
        }
    }

    /// <summary>Takes a leaf out of a set.</summary>
    public static void Remove(JsonObject set, IReadOnlyList<string> path)
    {
        if (path.Count == 0 || set[path[0]] is not JsonObject below)
            return;
        Remove(below, [.. path.Skip(1)]);
        if (below.Count == 0)
            set.Remove(path[0]);
    }

    /// <summary>The value of a field; null when it is not there.</summary>
    public static JsonNode? Value(JsonNode? item, IReadOnlyList<string> path)
    {
        foreach (var key in path.TakeWhile(key => key != Self))
            item = Step(item, key);
        return item;
    }

    /// <summary>Takes a field out of an object, and what became empty with it.</summary>
    public static void RemoveValue(JsonNode item, IReadOnlyList<string> path)
    {
        var keys = path.TakeWhile(key => key != Self).ToList();
        if (keys.Count == 0 || Value(item, [.. keys.SkipLast(1)]) is not { } parent)
            return;
        // Members that others wrote keep the object that they are in.
        if (path[^1] == Self && keys[^1].StartsWith("f:", StringComparison.Ordinal) && Step(parent, keys[^1]) is JsonObject { Count: > 0 })
            return;
        if (parent is JsonObject members)
            members.Remove(keys[^1][2..]);
        else if (parent is JsonArray items && Step(items, keys[^1]) is { } found)
            items.Remove(found);
        if (parent is JsonObject { Count: 0 } or JsonArray { Count: 0 } && keys.Count > 1)
            RemoveValue(item, [.. keys.SkipLast(1)]);
    }

    /// <summary>The key of an item of a list.</summary>
    public static string KeyOf(JsonNode? item, ListMerge.Map map) => "k:" + new JsonObject(
        map.Keys.Select(key => KeyValuePair.Create(key, (item?[key] ?? map.Defaults.GetValueOrDefault(key))?.DeepClone())).Where(pair => pair.Value is not null)).ToJsonString();

    // Members that an earlier version had with the same value may be left out: it saves most of the work.
    private static JsonObject Of(JsonObject item, JsonObject? before, IMergeRules rules)
    {
        var fields = OfMembers(item, before, rules, []);
        fields.Remove("f:apiVersion");
        fields.Remove("f:kind");
        if (fields["f:metadata"] is JsonObject metadata)
        {
            foreach (var name in (string[])["name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "generateName"])
                metadata.Remove($"f:{name}");
            if (metadata.Count == 0)
                fields.Remove("f:metadata");
        }
        return fields;
    }

    private static JsonObject OfMembers(JsonObject members, JsonNode? before, IMergeRules rules, IReadOnlyList<string> path)
    {
        var fields = new JsonObject();
        foreach (var member in members.Where(member => !IsAsBefore(before as JsonObject, member)))
        {
            IReadOnlyList<string> below = [.. path, member.Key];
            var field = OfValue(member.Value, (before as JsonObject)?[member.Key], rules, below);
            // Of an object that only lost members nothing is left, and nothing would be a leaf.
            if (field.Count > 0 || member.Value is not JsonObject || rules.IsAtomic(below))
                fields[$"f:{member.Key}"] = field;
        }
        return fields;
    }

    private static bool IsAsBefore(JsonObject? before, KeyValuePair<string, JsonNode?> member) =>
        before is not null && before.TryGetPropertyValue(member.Key, out var value) && JsonNode.DeepEquals(value, member.Value);

    private static JsonObject OfValue(JsonNode? value, JsonNode? before, IMergeRules rules, IReadOnlyList<string> path) => (value, value is JsonArray ? rules.Of(path) : null) switch
    {
        (JsonObject, _) when rules.IsAtomic(path) => [],
        // An object without members is no leaf: it holds none of the members that were there before.
        (JsonObject { Count: 0 }, _) => new() { [Self] = new JsonObject() },
        (JsonObject members, _) => OfMembers(members, before, rules, path),
        (JsonArray items, ListMerge.Map map) => new(items.DistinctBy(item => KeyOf(item, map)).Select(item => KeyValuePair.Create(KeyOf(item, map), (JsonNode?)OfItem(item, rules, path)))),
        (JsonArray items, ListMerge.Set) => new(items.DistinctBy(item => item?.ToJsonString()).Select(item => KeyValuePair.Create($"v:{item?.ToJsonString()}", (JsonNode?)new JsonObject()))),
        _ => [],
    };

    private static JsonObject OfItem(JsonNode? item, IMergeRules rules, IReadOnlyList<string> path)
    {
        var fields = item is JsonObject members ? OfMembers(members, null, rules, path) : [];
        fields.Insert(0, Self, new JsonObject());
        return fields;
    }

    private static IEnumerable<IReadOnlyList<string>> Leaves(JsonObject set, IReadOnlyList<string> path) => set.SelectMany(member =>
        member.Value is JsonObject { Count: > 0 } below ? Leaves(below, [.. path, member.Key]) : [[.. path, member.Key]]);

    private static JsonNode? Step(JsonNode? item, string key) => (key[..2], item) switch
    {
        ("f:", JsonObject members) => members[key[2..]],
        ("k:", JsonArray items) => ItemWith(items, JsonNode.Parse(key[2..])!.AsObject()),
        ("v:", JsonArray items) => items.FirstOrDefault(one => one?.ToJsonString() == key[2..]),
        _ => null,
    };

    private static JsonNode? ItemWith(JsonArray items, JsonObject keys) =>
        items.FirstOrDefault(item => item is JsonObject members && keys.All(key => JsonNode.DeepEquals(members[key.Key], key.Value)));
}
