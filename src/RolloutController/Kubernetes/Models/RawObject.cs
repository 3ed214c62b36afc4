using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>An object of any kind as the API sent it, with every field, <c>managedFields</c> included.</summary>
/// <param name="Metadata">Its metadata.</param>
/// <param name="Json">All of it. The items of a list may lack <c>apiVersion</c> and <c>kind</c>.</param>
[JsonConverter(typeof(RawObjectConverter))]
public sealed record RawObject(ObjectMeta Metadata, JsonElement Json) : IKubernetesObject
{
    /// <summary>A kind whose objects are read so.</summary>
    public static ResourceKind<RawObject> Kind(string group, string version, string kind, string plural) =>
        new(group, version, kind, plural, KubernetesJsonContext.Default.RawObject);
}

/// <summary>Keeps an object as it is.</summary>
internal sealed class RawObjectConverter : JsonConverter<RawObject>
{
    public override RawObject Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var json = JsonElement.ParseValue(ref reader);
        var metadata = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("metadata", out var found) ? found.Deserialize(KubernetesJsonContext.Default.ObjectMeta) : null;
        return new RawObject(metadata ?? new ObjectMeta(), json);
    }

    public override void Write(Utf8JsonWriter writer, RawObject value, JsonSerializerOptions options) => value.Json.WriteTo(writer);
}
