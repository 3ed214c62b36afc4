using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>
/// Server-side apply: what a manager writes is merged in, and what it wrote before and no longer writes goes, unless another manager
/// applies it too. Who applied what is kept in <c>metadata.managedFields</c>; writes of other kinds own nothing here, but take from those who applied.
/// </summary>
internal static class ServerSideApply
{
    /// <summary>Merges what a manager wants into an object.</summary>
    /// <param name="live">The object as it is; it is changed.</param>
    /// <param name="applied">What the manager wants.</param>
    /// <param name="resource">The kind.</param>
    /// <param name="manager">The manager.</param>
    /// <param name="force">Whether it takes what others hold.</param>
    /// <param name="now">The time that is noted.</param>
    /// <exception cref="ApiFailure">Others hold a field with another value.</exception>
    public static void Apply(JsonObject live, JsonObject applied, Resource resource, string manager, bool force, string now)
    {
        var rules = resource.Rules.Merge;
        var wanted = FieldSet.Of(applied, rules);
        var entries = EntriesOf(live);
        TakeFromOthers(live, applied, wanted, [.. entries.Where(entry => ManagerOf(entry) != manager)], resource, force);
        var before = entries.FirstOrDefault(entry => ManagerOf(entry) == manager)?["fieldsV1"] as JsonObject ?? [];
        Merge(live, applied, rules, []);
        foreach (var path in FieldSet.Leaves(before).Where(path => !FieldSet.Holds(wanted, path)).Reverse().ToList())
        {
            if (!entries.Any(entry => ManagerOf(entry) != manager && FieldSet.Holds(FieldsOf(entry), path)))
                FieldSet.RemoveValue(live, path);
        }
        Note(live, entries, resource, manager, wanted, JsonNode.DeepEquals(before, wanted) ? null : now);
    }

    /// <summary>Takes from those who applied the fields that a write of another kind changed.</summary>
    public static void Disown(JsonObject before, JsonObject now)
    {
        foreach (var entry in EntriesOf(now))
        {
            foreach (var path in FieldSet.Leaves(FieldsOf(entry)).ToList())
            {
                if (!JsonNode.DeepEquals(FieldSet.Value(before, path), FieldSet.Value(now, path)))
                    FieldSet.Remove(FieldsOf(entry), path);
            }
        }
    }

    private static void TakeFromOthers(JsonObject live, JsonObject applied, JsonObject wanted, List<JsonObject> others, Resource resource, bool force)
    {
        var contested = (
            from entry in others
            from path in FieldSet.Leaves(FieldsOf(entry))
            where FieldSet.Holds(wanted, path) && path[^1] != "."
                && !JsonNode.DeepEquals(FieldSet.Value(live, path), FieldSet.Value(applied, path))
            select (Entry: entry, Path: path)).ToList();
        if (contested.Count > 0 && !force)
        {
            var fields = contested.Select(conflict => $"conflict with \"{ManagerOf(conflict.Entry)}\": .{string.Join('.', conflict.Path.Select(key => key[2..]))}").ToList();
            throw new ApiFailure(
                HttpStatusCode.Conflict, "Conflict", $"Apply failed with {fields.Count} conflict{(fields.Count == 1 ? "" : "s")}: {string.Join("\n", fields)}",
                [.. contested.Select(conflict => new FieldProblem("FieldManagerConflict", "." + string.Join('.', conflict.Path.Select(key => key[2..])), $"conflict with \"{ManagerOf(conflict.Entry)}\""))])
            {
                Kind = resource.Kind,
                Group = resource.Group,
            };
        }
        foreach (var (entry, path) in contested)
            FieldSet.Remove(FieldsOf(entry), path);
    }

    private static void Merge(JsonObject target, JsonObject applied, IMergeRules rules, IReadOnlyList<string> path)
    {
        foreach (var (name, value) in applied)
        {
            IReadOnlyList<string> below = [.. path, name];
            if (value is JsonObject members && !rules.IsAtomic(below))
            {
                if (target[name] is not JsonObject member)
                    target[name] = member = [];
                Merge(member, members, rules, below);
            }
            else if (value is JsonArray items && target[name] is JsonArray list && rules.Of(below) is not ListMerge.Atomic)
            {
                Merge(list, items, rules, below);
            }
            else
            {
                target[name] = value?.DeepClone();
            }
        }
    }

    // Items that were there keep their place; new ones follow in the order in which they are applied.
    private static void Merge(JsonArray list, JsonArray items, IMergeRules rules, IReadOnlyList<string> path)
    {
        foreach (var item in items)
        {
            var found = rules.Of(path) is ListMerge.Map map
                ? list.FirstOrDefault(one => FieldSet.KeyOf(one, map) == FieldSet.KeyOf(item, map))
                : list.FirstOrDefault(one => JsonNode.DeepEquals(one, item));
            if (found is null)
                list.Add(item?.DeepClone());
            else if (found is JsonObject existing && item is JsonObject members)
                Merge(existing, members, rules, path);
        }
    }

    private static void Note(JsonObject live, List<JsonObject> entries, Resource resource, string manager, JsonObject fields, string? now)
    {
        var own = entries.FirstOrDefault(entry => ManagerOf(entry) == manager);
        var noted = new JsonObject
        {
            ["manager"] = manager,
            ["operation"] = "Apply",
            ["apiVersion"] = resource.ApiVersion,
            ["time"] = now ?? (string?)own?["time"],
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields,
        };
        var kept = entries.Where(entry => ManagerOf(entry) != manager && FieldsOf(entry).Count > 0).Select(entry => (JsonNode?)entry.DeepClone());
        if (live["metadata"] is not JsonObject metadata)
            live["metadata"] = metadata = [];
        metadata["managedFields"] = new JsonArray([.. kept, noted]);
    }

    private static List<JsonObject> EntriesOf(JsonObject item) => [.. (item["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>()];

    private static string? ManagerOf(JsonObject entry) => (string?)entry["manager"];

    private static JsonObject FieldsOf(JsonObject entry) => entry["fieldsV1"] as JsonObject ?? [];
}
