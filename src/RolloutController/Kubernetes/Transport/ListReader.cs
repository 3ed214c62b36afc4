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
    private JsonReaderState _state;
    private readonly List<UnreadableObject> _unreadable = [];
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
        while (Step(ref reader))
        {
            _state = reader.CurrentState;
            consumed = reader.Position;
        }
        return consumed;
    }

    // One step takes a whole value or nothing: where a value is not all there yet, it is begun anew with more of the buffer.
    private bool Step(ref Utf8JsonReader reader)
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
                return TakeValue(ref reader);
        }
    }

    private bool TakeValue(ref Utf8JsonReader reader)
    {
        var start = reader;
        if (!reader.TrySkip())
            return false;
        if (_member is Member.ItemsOpen)
        {
            TakeItem(ref start);
            return true;
        }
        if (_member is Member.Metadata)
            _metadata = JsonSerializer.Deserialize(ref start, KubernetesJsonContext.Default.ListMetadata);
        _member = Member.None;
        return true;
    }

    private void TakeItem(ref Utf8JsonReader start)
    {
        var again = start;
        try
        {
            if (JsonSerializer.Deserialize(ref start, typeInfo) is { } item)
                items.Add(item);
        }
        catch (JsonException exception)
        {
            KubernetesMetrics.CouldNotRead(plural);
            var unreadable = Identify(ref again);
            logger.LogError("{Object} of the {Kind} cannot be read and is left out: {Problem}", unreadable?.Key.ToString() ?? "One", plural, exception.Message);
            if (unreadable is not null)
                _unreadable.Add(unreadable);
        }
    }

    /// <summary>Which one it is; null where not even that can be read.</summary>
    private static UnreadableObject? Identify(ref Utf8JsonReader start)
    {
        using var item = JsonDocument.ParseValue(ref start);
        if (item.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object)
            return null;
        return Text("name") is { Length: > 0 } name ? new UnreadableObject(new ObjectKey(Text("namespace"), name), Text("uid")) : null;

        string Text(string name) => metadata.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }

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
