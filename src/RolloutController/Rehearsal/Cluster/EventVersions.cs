using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>Events as <c>v1</c> has them, which is how they are stored, and as <c>events.k8s.io/v1</c> has them.</summary>
internal static class EventVersions
{
    private static readonly (string Core, string Events)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("count", "deprecatedCount"), ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"), ("source", "deprecatedSource"), ("reportingComponent", "reportingController"),
    ];

    /// <summary>The fields by which events can be selected, as they are stored.</summary>
    public static IReadOnlyList<string> SelectableFields { get; } =
    [
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
        "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "type",
    ];

    public static JsonObject ToCore(JsonObject item) => Rename(item, "v1", Names.ToDictionary(pair => pair.Events, pair => pair.Core));

    public static JsonObject FromCore(JsonObject item) => Rename(item, "events.k8s.io/v1", Names.ToDictionary(pair => pair.Core, pair => pair.Events));

    private static JsonObject Rename(JsonObject item, string apiVersion, Dictionary<string, string> names)
    {
        var other = new JsonObject();
        foreach (var (name, value) in item)
            other[names.GetValueOrDefault(name, name)] = value?.DeepClone();
        other["apiVersion"] = apiVersion;
        return other;
    }
}
