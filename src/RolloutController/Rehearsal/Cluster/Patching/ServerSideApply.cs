using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>
/// Server-side apply: what a manager writes is merged in, and what it wrote before and no longer writes goes, unless another manager
/// applies it too. Who wrote what is kept in <c>metadata.managedFields</c>.
/// </summary>
internal static class ServerSideApply
{
    private const string Operation = "Apply";

    /// <summary>Merges what a manager wants into an object.</summary>
    /// <param name="live">The object as it is; it is changed.</param>
    /// <param name="applied">What the manager wants.</param>
    /// <param name="resource">The kind.</param>
    /// <param name="subresource">What it is applied to; null for the object itself.</param>
    /// <param name="options">The manager, and whether it takes what others hold.</param>
    /// <param name="now">The time that is noted.</param>
    /// <exception cref="ApiFailure">Others hold a field with another value.</exception>
    public static void Apply(JsonObject live, JsonObject applied, Resource resource, string? subresource, WriteOptions options, string now)
    {
        var rules = resource.Rules.Merge;
        applied = Part(applied, resource, subresource);
        var wanted = FieldSet.Of(applied, rules);
        WriteKeys(applied, rules, []);
        var entries = FieldOwners.EntriesOf(live);
        var own = entries.Find(entry => FieldOwners.Is(entry, options.FieldManager, Operation, subresource));
        var others = entries.Where(entry => entry != own).ToList();
        TakeFromOthers(live, applied, wanted, others, resource, options.Force);
        Merge(live, applied, rules, []);
        var before = own is null ? [] : FieldOwners.FieldsOf(own);
        Drop(live, before, wanted, [.. others.Select(FieldOwners.FieldsOf)], []);

        var noted = FieldOwners.Entry(resource, options.FieldManager, Operation, subresource, wanted);
        noted["time"] = JsonNode.DeepEquals(before, wanted) ? (string?)own?["time"] : now;
        FieldOwners.Write(live, [.. others, noted]);
    }

    /// <summary>The part of what is applied that the subresource takes, or that is left to the object itself.</summary>
    private static JsonObject Part(JsonObject applied, Resource resource, string? subresource)
    {
        var part = applied.DeepClone().AsObject();
        if (subresource == "status")
        {
            foreach (var name in part.Select(member => member.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata" or "status")).ToList())
                part.Remove(name);
            foreach (var name in (string[])["labels", "annotations", "finalizers", "ownerReferences"])
                part["metadata"]!.AsObject().Remove(name);
        }
        else if (resource.HasStatus)
        {
            part.Remove("status");
        }
        return part;
    }

    /// <summary>Writes the keys that items leave to their defaults, so that they are found by them. The manager does not own what it did not write.</summary>
    private static void WriteKeys(JsonObject members, IMergeRules rules, IReadOnlyList<string> path)
    {
        foreach (var (name, value) in members)
        {
            IReadOnlyList<string> below = [.. path, name];
            if (value is JsonObject inner)
                WriteKeys(inner, rules, below);
            else if (value is JsonArray items)
                WriteKeys(items, rules, below);
        }
    }

    private static void WriteKeys(JsonArray items, IMergeRules rules, IReadOnlyList<string> path)
    {
        var map = rules.Of(path) as ListMerge.Map;
        foreach (var item in items.OfType<JsonObject>())
        {
            if (map is not null)
            {
                foreach (var (key, usual) in map.Defaults)
                    item[key] ??= usual.DeepClone();
            }

            WriteKeys(item, rules, path);
        }
    }

    /// <summary>Takes away what the manager wanted before and wants no more, unless others hold it.</summary>
    private static void Drop(JsonObject live, JsonObject before, JsonObject wanted, List<JsonObject> others, IReadOnlyList<string> path)
    {
        foreach (var (key, fields) in before.Where(member => member.Key != "."))
        {
            IReadOnlyList<string> below = [.. path, key];
            var inner = fields as JsonObject ?? [];
            if (wanted[key] is JsonObject still)
            {
                Drop(live, inner, still, others, below);
            }
            else if (!others.Exists(other => FieldSet.Holds(other, below)))
            {
                FieldSet.RemoveValue(live, below);
            }
            else
            {
                Drop(live, inner, [], others, below);
            }
        }
    }

    private static void TakeFromOthers(JsonObject live, JsonObject applied, JsonObject wanted, List<JsonObject> others, Resource resource, bool force)
    {
        var contested = (
            from entry in others
            from path in FieldSet.Leaves(FieldOwners.FieldsOf(entry))
            where FieldSet.Holds(wanted, path) && path[^1] != "."
                && !JsonNode.DeepEquals(FieldSet.Value(live, path), FieldSet.Value(applied, path))
            select (Entry: entry, Path: path)).ToList();
        if (contested.Count > 0 && !force)
        {
            var fields = contested.Select(conflict => $"conflict with {Named(conflict.Entry)}: .{string.Join('.', conflict.Path.Select(key => key[2..]))}").ToList();
            throw new ApiFailure(
                HttpStatusCode.Conflict, "Conflict", $"Apply failed with {fields.Count} conflict{(fields.Count == 1 ? "" : "s")}: {string.Join("\n", fields)}",
                [.. contested.Select(conflict => new FieldProblem("FieldManagerConflict", "." + string.Join('.', conflict.Path.Select(key => key[2..])), $"conflict with {Named(conflict.Entry)}"))])
            {
                Kind = resource.Kind,
                Group = resource.Group,
            };
        }
        foreach (var (entry, path) in contested)
            FieldSet.Remove(FieldOwners.FieldsOf(entry), path);
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

    private static string Named(JsonObject entry)
    {
        var part = (string?)entry["subresource"] is { } subresource ? $" with subresource \"{subresource}\"" : "";
        return $"\"{FieldOwners.ManagerOf(entry)}\"{part}{((string?)entry["operation"] == Operation ? "" : $" using {entry["apiVersion"]}")}";
    }
}
