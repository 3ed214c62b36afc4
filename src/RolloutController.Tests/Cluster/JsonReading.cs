using System.Globalization;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>Reads into JSON by dotted paths; a number selects an element of a list. What is not there is null, false or 0.</summary>
internal static class JsonReading
{
    public static JsonNode? At(this JsonNode? node, string path)
    {
        foreach (var part in path.Split('.'))
            node = node switch
            {
                JsonObject members => members[part],
                JsonArray items when int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < items.Count => items[index],
                _ => null,
            };
        return node;
    }

    public static string? Text(this JsonNode? node, string path) => node.At(path)?.ToString();

    public static long Number(this JsonNode? node, string path) => node.At(path) is JsonValue value ? long.Parse(value.ToString(), CultureInfo.InvariantCulture) : 0;

    public static bool Flag(this JsonNode? node, string path) => node.Text(path) == "true";

    public static IEnumerable<JsonNode> Each(this JsonNode? node, string path) => (node.At(path) as JsonArray ?? []).OfType<JsonNode>();

    public static string Name(this JsonNode node) => node.Text("metadata.name") ?? "";

    public static string Uid(this JsonNode node) => node.Text("metadata.uid") ?? "";

    /// <summary>A label or an annotation, whose keys may hold dots.</summary>
    public static string? Label(this JsonNode? node, string key) => (node.At("metadata.labels") as JsonObject)?[key]?.ToString();

    /// <inheritdoc cref="Label"/>
    public static string? Annotation(this JsonNode? node, string key) => (node.At("metadata.annotations") as JsonObject)?[key]?.ToString();

    /// <summary>The condition of a type in <c>status.conditions</c>.</summary>
    public static JsonNode? Condition(this JsonNode? node, string type) =>
        node.Each("status.conditions").FirstOrDefault(condition => condition.Text("type") == type);

    /// <summary>Whether a condition has the status True.</summary>
    public static bool Is(this JsonNode? node, string conditionType) => node.Condition(conditionType).Text("status") == "True";

    /// <summary>Whether a pod would get traffic: it is ready and nobody asked it to go.</summary>
    public static bool IsServing(this JsonNode pod) => pod.Is("Ready") && pod.At("metadata.deletionTimestamp") is null;

    /// <summary>Whether a Service's selector, or the matchLabels of a selector, choose an object. An empty selector chooses nothing.</summary>
    public static bool Selects(this JsonObject? selector, JsonNode labelled) =>
        selector is { Count: > 0 } && selector.All(pair => labelled.Label(pair.Key) == pair.Value?.ToString());
}
