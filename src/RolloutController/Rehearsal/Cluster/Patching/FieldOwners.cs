using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>The entries of <c>metadata.managedFields</c>: one for each manager, operation and subresource.</summary>
internal static class FieldOwners
{
    private const string Update = "Update";

    /// <summary>
    /// Notes who wrote which fields by anything but apply: they are that manager's now, and those of nobody else whose value it changed.
    /// </summary>
    /// <param name="before">The version before; null for a new object.</param>
    /// <param name="now">The version now; its entries are changed.</param>
    /// <param name="resource">The kind.</param>
    /// <param name="manager">The manager; empty for one that owns nothing.</param>
    /// <param name="subresource">What was written; null for the object itself.</param>
    /// <param name="time">The time that is noted.</param>
    public static void Note(JsonObject? before, JsonObject now, Resource resource, string manager, string? subresource, string time)
    {
        // What a client sends as managedFields is of no account.
        var entries = before is null ? [] : EntriesOf(before).ConvertAll(entry => entry.DeepClone().AsObject());
        foreach (var fields in entries.Select(FieldsOf))
            FieldSet.Retain(fields, before, now, same: true);
        if (manager.Length > 0 && FieldSet.Changed(before, now, resource.Rules.Merge) is { Count: > 0 } changed)
        {
            var own = entries.Find(entry => Is(entry, manager, Update, subresource));
            if (own is null)
                entries.Add(own = Entry(resource, manager, Update, subresource, []));
            FieldSet.Add(FieldsOf(own), changed);
            own["time"] = time;
        }
        Write(now, entries);
    }

    /// <summary>The entries of an object.</summary>
    public static List<JsonObject> EntriesOf(JsonObject item) => [.. (item["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>()];

    /// <summary>Whose an entry is.</summary>
    public static string? ManagerOf(JsonObject entry) => (string?)entry["manager"];

    /// <summary>The fields of an entry.</summary>
    public static JsonObject FieldsOf(JsonObject entry) => entry["fieldsV1"] as JsonObject ?? [];

    /// <summary>Whether an entry is that of a manager, an operation and a subresource.</summary>
    public static bool Is(JsonObject entry, string manager, string operation, string? subresource) =>
        ManagerOf(entry) == manager && (string?)entry["operation"] == operation && (string?)entry["subresource"] == subresource;

    /// <summary>An entry.</summary>
    public static JsonObject Entry(Resource resource, string manager, string operation, string? subresource, JsonObject fields)
    {
        var entry = new JsonObject
        {
            ["manager"] = manager,
            ["operation"] = operation,
            ["apiVersion"] = resource.ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields,
        };
        if (subresource is not null)
            entry["subresource"] = subresource;
        return entry;
    }

    /// <summary>Writes the entries into an object; those without fields are left out.</summary>
    public static void Write(JsonObject item, IEnumerable<JsonObject> entries)
    {
        if (item["metadata"] is not JsonObject metadata)
            item["metadata"] = metadata = [];
        var kept = entries.Where(entry => FieldsOf(entry).Count > 0).Select(entry => entry.Parent is null ? entry : entry.DeepClone()).ToArray();
        if (kept.Length > 0)
            metadata["managedFields"] = new JsonArray(kept);
        else
            metadata.Remove("managedFields");
    }
}
