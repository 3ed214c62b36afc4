using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>What is kept of a pod template: enough to tell templates apart and to name them, without holding the template.</summary>
/// <param name="Hash">
/// The <see cref="CanonicalJson"/> hash of the template, leaving out what a controller and Go's encoder add to it: the label
/// <c>pod-template-hash</c>, a <c>creationTimestamp</c> of null, and the names of a revision's own copies of ConfigMaps and Secrets, for which
/// the names of those count that they were copied from.
/// </param>
/// <param name="Labels">The labels of the pods, <c>pod-template-hash</c> included where there is one.</param>
/// <param name="Images">The images of the containers, in their order; those of init containers are not among them.</param>
public sealed record PodTemplateDigest(string Hash, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<string> Images)
{
    /// <summary>The ports that containers name, in their order.</summary>
    public IReadOnlyList<ContainerPort> Ports { get; init; } = [];

    /// <summary>Whether it names copies of ConfigMaps or Secrets that were made for its revision.</summary>
    public bool NamesCopies { get; init; }

    /// <summary>The label that tells the pods of one revision from those of another.</summary>
    public const string HashLabel = "pod-template-hash";

    /// <summary>The digest of no template at all.</summary>
    public static PodTemplateDigest Empty { get; } = new("", Defaults.Map, []);

    /// <summary>Digests a template, be it a user's raw one or that of a ReplicaSet: equal content gives an equal hash.</summary>
    /// <param name="template">A pod template: an object with <c>metadata</c> and <c>spec</c>.</param>
    public static PodTemplateDigest Of(JsonElement template)
    {
        var labels = LabelsOf(template);
        var copies = false;
        var hash = CanonicalJson.Hash(template, IsAdded, labels.TryGetValue(HashLabel, out var revision) ? Original : null);
        return new(hash, labels, ImagesOf(template)) { Ports = PortsOf(template), NamesCopies = copies };

        string? Original(IReadOnlyList<string> path, string text)
        {
            var original = TemplateConfig.OriginalName(path, text, revision);
            copies |= original is not null;
            return original;
        }
    }

    private static bool IsAdded(IReadOnlyList<string> path, JsonElement value) => path switch
    {
        ["metadata", "labels", HashLabel] => true,
        ["metadata", "creationTimestamp"] => value.ValueKind is JsonValueKind.Null,
        _ => false,
    };

    private static IReadOnlyDictionary<string, string> LabelsOf(JsonElement template)
    {
        if (Member(Member(template, "metadata"), "labels") is not { ValueKind: JsonValueKind.Object } labels)
            return Defaults.Map;
        return labels.EnumerateObject()
            .Where(label => label.Value.ValueKind is JsonValueKind.String)
            .ToDictionary(label => label.Name, label => label.Value.GetString()!);
    }

    private static List<string> ImagesOf(JsonElement template) => [.. Containers(template)
        .Select(container => Member(container, "image"))
        .Where(image => image.ValueKind is JsonValueKind.String)
        .Select(image => image.GetString()!)];

    private static List<ContainerPort> PortsOf(JsonElement template) => [.. Containers(template)
        .SelectMany(container => Items(Member(container, "ports")))
        .Where(port => Member(port, "containerPort").ValueKind is JsonValueKind.Number)
        .Select(port => new ContainerPort(
            Member(port, "name") is { ValueKind: JsonValueKind.String } name ? name.GetString()! : "",
            Member(port, "containerPort").TryGetInt32(out var number) ? number : 0))];

    private static JsonElement.ArrayEnumerator Containers(JsonElement template) => Items(Member(Member(template, "spec"), "containers"));

    private static JsonElement.ArrayEnumerator Items(JsonElement value) => value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : default;

    private static JsonElement Member(JsonElement value, string name) =>
        value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;
}

/// <summary>A port that a container names.</summary>
/// <param name="Name">Its name; empty where it has none.</param>
/// <param name="Number">The port.</param>
public readonly record struct ContainerPort(string Name, int Number);

/// <summary>Reads a template into its digest, so that the template itself is never kept.</summary>
internal sealed class PodTemplateDigestConverter : JsonConverter<PodTemplateDigest>
{
    public override PodTemplateDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var template = JsonDocument.ParseValue(ref reader);
        return PodTemplateDigest.Of(template.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, PodTemplateDigest value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A digest cannot be turned back into its template; patch the template instead.");
}
