using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal;

/// <summary>Reads into objects as JSON, field by field. What is not there, or is of another kind, is null, false or empty.</summary>
internal static class ObjectReading
{
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var field in path)
            node = (node as JsonObject)?[field];
        return node;
    }

    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) switch
    {
        JsonValue value when value.TryGetValue<int>(out var number) => number,
        JsonValue value when value.TryGetValue<long>(out var number) => number,
        _ => null,
    };

    public static int Integer(this JsonNode? node, params ReadOnlySpan<string> path) => (int)(node.Number(path) ?? 0);

    /// <summary>A time as the API writes it.</summary>
    public static DateTimeOffset? Time(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.Text(path) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static IEnumerable<JsonNode> Items(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray ?? []).OfType<JsonNode>();

    /// <summary>The object in a field, which is made where there is none.</summary>
    public static JsonObject Within(this JsonObject node, string field)
    {
        if (node[field] is JsonObject inner)
            return inner;
        node[field] = inner = [];
        return inner;
    }

    /// <summary>Sets a field to a count as Go writes it with <c>omitempty</c>: 0 is left out.</summary>
    public static void SetCount(this JsonObject node, string field, long count)
    {
        if (count == 0)
            node.Remove(field);
        else
            node[field] = count;
    }

    public static ObjectKey Key(this StoredObject item) => new(item.Namespace, item.Name);

    public static bool IsDeleting(this StoredObject item) => item.Json.At("metadata", "deletionTimestamp") is not null;

    public static long Generation(this StoredObject item) => item.Json.Number("metadata", "generation") ?? 0;

    public static DateTimeOffset CreatedAt(this StoredObject item) => item.Json.Time("metadata", "creationTimestamp") ?? default;

    public static JsonObject? Labels(this StoredObject item) => item.Json.At("metadata", "labels") as JsonObject;

    public static string? Label(this StoredObject item, string key) => item.Json.Text("metadata", "labels", key);

    public static string? Annotation(this StoredObject item, string key) => item.Json.Text("metadata", "annotations", key);

    /// <summary>The condition of a type in <c>status.conditions</c>.</summary>
    public static JsonNode? Condition(this JsonNode? node, string type) =>
        node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    /// <summary>The owner that controls an object.</summary>
    public static JsonNode? Controller(this StoredObject item) =>
        item.Json.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.Flag("controller"));
}
