using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>One version of an object, as it was committed. It never changes: an edit makes another version of a copy.</summary>
public sealed class StoredObject
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    internal StoredObject(string key, string plural, JsonObject json)
    {
        Key = key;
        Plural = plural;
        Utf8 = Write(json);
        Json = JsonNode.Parse(Utf8.Span)!.AsObject();
        Materialize(Json);
        Namespace = (string?)Metadata["namespace"] ?? "";
        Name = (string)Metadata["name"]!;
        Uid = (string?)Metadata["uid"] ?? "";
        Version = long.Parse((string)Metadata["resourceVersion"]!, CultureInfo.InvariantCulture);
        IsTerminating = Metadata["deletionTimestamp"] is not null;
        Owners = Metadata["ownerReferences"] is JsonArray owners ? [.. owners.Select(owner => (string)owner!["uid"]!).Distinct()] : [];
    }

    /// <summary>Under what its kind is stored.</summary>
    internal string Key { get; }

    /// <summary>The plural of its kind.</summary>
    public string Plural { get; }

    /// <summary>Its namespace; empty for kinds that have none.</summary>
    public string Namespace { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its uid.</summary>
    public string Uid { get; }

    /// <summary>Its resourceVersion.</summary>
    public long Version { get; }

    /// <summary>Whether it is only waiting to be let go of.</summary>
    internal bool IsTerminating { get; }

    /// <summary>The uids of its owners.</summary>
    internal IReadOnlyList<string> Owners { get; }

    /// <summary>The object in the version that it is stored in; not to be changed.</summary>
    public JsonObject Json { get; }

    /// <summary>The object as it is sent.</summary>
    internal ReadOnlyMemory<byte> Utf8 { get; }

    private JsonObject Metadata => Json["metadata"]!.AsObject();

    /// <summary>A copy as if it had been read: numbers that code put in are one type each, those that were read can be asked for as any.</summary>
    internal static JsonObject Reread(JsonObject json) => JsonNode.Parse(Write(json))!.AsObject();

    /// <summary>A JSON value as UTF-8.</summary>
    internal static byte[] Write(JsonNode node)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer))
            node.WriteTo(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Has a node make its children, as it does when they are first asked for: once they are all made, several threads may read it.</summary>
    internal static void Materialize(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, member) in members)
                    Materialize(member);
                break;
            case JsonArray items:
                foreach (var item in items)
                    Materialize(item);
                break;
        }
    }
}

/// <summary>What a commit did to an object.</summary>
/// <param name="Old">The version before; null when the object is new.</param>
/// <param name="New">The version now; null when the object is gone.</param>
/// <param name="Version">The resourceVersion of the commit.</param>
public sealed record ObjectChange(StoredObject? Old, StoredObject? New, long Version)
{
    /// <summary>The object as it is, or was at last.</summary>
    public StoredObject Object => New ?? Old!;
}
