using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>A ConfigMap or Secret of which only a digest is kept.</summary>
public sealed record ConfigDigest : IKubernetesObject
{
    /// <summary>The metadata; without annotations, because <c>kubectl apply</c> writes the whole content into one.</summary>
    public ObjectMeta Metadata { get; init => field = (value ?? new()) with { Annotations = Defaults.Map }; } = new();

    /// <summary>The type of a Secret; empty for a ConfigMap.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>The hash of the entries.</summary>
    [JsonConverter(typeof(ContentHashConverter))]
    public string Data { get; init => field = value ?? ""; } = "";

    /// <summary>The hash of the binary entries of a ConfigMap.</summary>
    [JsonConverter(typeof(ContentHashConverter))]
    public string BinaryData { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// Tells one content from another, without letting anybody find it by trying: that of a Secret is keyed by its uid, which only those know
    /// who may read the Secret. So a Secret that was deleted and made anew has another digest.
    /// </summary>
    /// <param name="kind">The kind of the object.</param>
    public string Keyed(string kind) => Convert.ToHexStringLower(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes(kind == KubernetesKinds.Secret.Kind ? Metadata.Uid : ""), Encoding.UTF8.GetBytes($"{Type}\n{Data}\n{BinaryData}")))[..20];

    // A record writes all that it holds, and a hash of a short text gives it away.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Metadata.Key);
        return true;
    }
}

/// <summary>A ConfigMap or Secret with its content: for as long as a copy is made of it.</summary>
public sealed record ConfigContent : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The type of a Secret; empty for a ConfigMap.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>The entries, as they are written.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>The binary entries of a ConfigMap, as they are written.</summary>
    public JsonElement? BinaryData { get; init; }

    /// <summary>What is kept of it.</summary>
    [JsonIgnore]
    public ConfigDigest Digest => new() { Metadata = Metadata, Type = Type, Data = ContentHashConverter.Hash(Data), BinaryData = ContentHashConverter.Hash(BinaryData) };

    // A record writes all that it holds, and this must not end up in a log.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Metadata.Key);
        return true;
    }
}

/// <summary>Reads content into its hash, so that the content itself is never kept.</summary>
internal sealed class ContentHashConverter : JsonConverter<string>
{
    /// <summary>The hash; nothing and no entries are the same.</summary>
    public static string Hash(JsonElement? content) =>
        content is { ValueKind: JsonValueKind.Object } entries && entries.EnumerateObject().Any() ? CanonicalJson.Hash(entries) : "";

    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var content = JsonDocument.ParseValue(ref reader);
        return Hash(content.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        throw new NotSupportedException("A hash cannot be turned back into its content.");
}
