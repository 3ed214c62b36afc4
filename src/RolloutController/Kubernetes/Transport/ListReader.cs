using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RolloutController.Kubernetes;

/// <summary>
/// Reads one page of a list object by object while it arrives, so that neither the page nor a tree of it is ever held: with thousands
/// of objects that is most of the memory.
/// </summary>
/// <remarks>An object that cannot be read is left out and logged: one bad object is not to hide all others.</remarks>
internal sealed class ListReader<T>(string plural, JsonTypeInfo<T> typeInfo, List<T> items, ILogger logger)
    where T : class, IKubernetesObject
{
    private readonly List<UnreadableObject> _unreadable = [];
    private JsonReaderState _state = new(ApiDepth.Unlimited);
    private Member _member;
    private bool _complete;
    private ListMetadata? _metadata;

    private enum Member
    {
        None,
        Metadata,
        Items,
        ItemsOpen,
        Other,
    }

    /// <summary>The objects that could not be read.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable => _unreadable;

    /// <summary>Adds the page's objects to the list, and returns its metadata.</summary>
    /// <exception cref="IOException">The page broke off.</exception>
    /// <exception cref="JsonException">It is not JSON, or an object in it is longer than any can be.</exception>
    public async Task<ListMetadata> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 64 * 1024, leaveOpen: true));
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var consumed = Consume(result.Buffer);
            if (result.Buffer.Slice(consumed).Length > ObjectStream.Cap)
                throw ObjectStream.TooLong($"an object in the list of {plural}");
            pipe.AdvanceTo(consumed, result.Buffer.End);
            if (_complete)
                return _metadata ?? throw new JsonException($"The list of {plural} has no metadata.");
            if (result.IsCompleted)
                throw new IOException($"The list of {plural} broke off.");
        }
    }

    private SequencePosition Consume(in ReadOnlySequence<byte> buffer)
    {
        var reader = new Utf8JsonReader(buffer, isFinalBlock: false, _state);
        var consumed = reader.Position;
        while (Step(ref reader, buffer))
        {
            _state = reader.CurrentState;
            consumed = reader.Position;
        }
        return consumed;
    }

    // One step takes a whole value or nothing: where a value is not all there yet, it is begun anew with more of the buffer.
    private bool Step(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (_complete || !reader.Read())
            return false;
        switch (_member)
        {
            case Member.None:
                _complete = reader.TokenType is JsonTokenType.EndObject;
                _member = reader.TokenType is JsonTokenType.PropertyName ? MemberOf(ref reader) : Member.None;
                return true;
            case Member.Items:
                _member = reader.TokenType is JsonTokenType.StartArray ? Member.ItemsOpen : Member.None;
                return true;
            case Member.ItemsOpen when reader.TokenType is JsonTokenType.EndArray:
                _member = Member.None;
                return true;
            default:
                return TakeValue(ref reader, buffer);
        }
    }

    private bool TakeValue(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        var start = reader.TokenStartIndex;
        if (!reader.TrySkip())
            return false;
        var value = buffer.Slice(start, reader.BytesConsumed - start);
        if (_member is Member.ItemsOpen)
        {
            TakeItem(value);
            return true;
        }
        if (_member is Member.Metadata)
        {
            var metadata = new Utf8JsonReader(value);
            _metadata = JsonSerializer.Deserialize(ref metadata, KubernetesJsonContext.Default.ListMetadata);
        }
        _member = Member.None;
        return true;
    }

    private void TakeItem(in ReadOnlySequence<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value, ApiDepth.Limited);
            if (JsonSerializer.Deserialize(ref reader, typeInfo) is { Metadata.Name.Length: > 0 } item)
                items.Add(item);
            else
                LeaveOut(value, "it has no name");
        }
        catch (Exception exception) when (UnreadableJson.Is(exception))
        {
            LeaveOut(value, exception.Message);
        }
    }

    private void LeaveOut(in ReadOnlySequence<byte> value, string problem)
    {
        KubernetesMetrics.CouldNotRead(plural);
        var unreadable = Identify(value);
        logger.LogError("{Object} of the {Kind} cannot be read and is left out: {Problem}", unreadable?.Key.ToString() ?? "One", plural, problem);
        if (unreadable is not null)
            _unreadable.Add(unreadable);
    }

    /// <summary>Which one it is; null where not even that can be read.</summary>
    private static UnreadableObject? Identify(in ReadOnlySequence<byte> value)
    {
        try
        {
            using var item = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = ApiDepth.Unlimited.MaxDepth });
            if (item.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object)
                return null;
            return Text(metadata, "name") is { Length: > 0 } name ? new UnreadableObject(new ObjectKey(Text(metadata, "namespace"), name), Text(metadata, "uid")) : null;
        }
        catch (Exception exception) when (UnreadableJson.Is(exception))
        {
            return null;
        }
    }

    private static string Text(JsonElement metadata, string name) => metadata.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Member MemberOf(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("metadata"u8) ? Member.Metadata
        : reader.ValueTextEquals("items"u8) ? Member.Items
        : Member.Other;
}

/// <summary>The metadata of a list.</summary>
internal sealed record ListMetadata
{
    public string? ResourceVersion { get; init; }

    public string? Continue { get; init; }
}
