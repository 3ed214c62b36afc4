using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>
/// Reads a watch line by line, each line an event. Reading the stream as one run of JSON values would lose, with one broken object,
/// the sound events beside it, and meet the broken one again after every reconnect.
/// </summary>
internal sealed class WatchReader<T>(ResourceKind<T> kind, ILogger logger)
    where T : class, IKubernetesObject
{
    /// <summary>The longest event, in bytes; etcd refuses objects far smaller.</summary>
    public const int Cap = ObjectStream.Cap;

    /// <summary>Reads events until the stream ends. What follows the last line end was cut off, and comes again with the next watch.</summary>
    /// <exception cref="KubernetesApiException">The API sent an error event.</exception>
    /// <exception cref="InvalidDataException">A line cannot be read at all.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pipe = PipeReader.Create(body, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
        WatchFrame? tooLong = null;
        while (true)
        {
            var result = await pipe.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (TryTakeLine(ref buffer, out var line))
            {
                if (line.Length > Cap)
                    tooLong ??= WatchFrame.Peek(line);
                if (tooLong is { } frame)
                    yield return Unreadable(frame, $"the event is longer than {Cap / (1024 * 1024)} MiB");
                else if (!line.IsEmpty)
                    yield return ReadLine(line);
                tooLong = null;
            }
            if (buffer.Length > Cap)
                tooLong ??= WatchFrame.Peek(buffer);
            pipe.AdvanceTo(tooLong is null ? buffer.Start : buffer.End, buffer.End);
            if (result.IsCompleted)
                yield break;
        }
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end)
        {
            line = default;
            return false;
        }
        line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return true;
    }

    private WatchEvent<T> ReadLine(in ReadOnlySequence<byte> line)
    {
        var frame = WatchFrame.Peek(line);
        return frame.Type switch
        {
            "ADDED" => ReadObject(WatchEventType.Added, frame, line),
            "MODIFIED" => ReadObject(WatchEventType.Modified, frame, line),
            "DELETED" => ReadObject(WatchEventType.Deleted, frame, line),
            "BOOKMARK" => new WatchEvent<T>(WatchEventType.Bookmark, frame.ResourceVersion, default, null),
            "ERROR" => throw ReadError(frame, line),
            _ => Unreadable(frame, "the event is of an unknown type"),
        };
    }

    private WatchEvent<T> ReadObject(WatchEventType type, WatchFrame frame, in ReadOnlySequence<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line.Slice(frame.ObjectStart), ApiDepth.Limited);
            return JsonSerializer.Deserialize(ref reader, kind.TypeInfo) is { } value
                ? new WatchEvent<T>(type, frame.ResourceVersion, frame.Key, value)
                : Unreadable(frame, "the event has no object");
        }
        catch (Exception exception) when (UnreadableJson.Is(exception))
        {
            return Unreadable(frame, exception.Message);
        }
    }

    private WatchEvent<T> Unreadable(WatchFrame frame, string problem)
    {
        KubernetesMetrics.CouldNotRead(kind.Plural);
        if (frame.ResourceVersion.Length == 0 || frame.Key.Name.Length == 0)
            throw new InvalidDataException($"The watch of {kind.Plural} sent a line that cannot be read: {problem}");
        logger.LogError("{Kind} {Key} cannot be read at version {ResourceVersion}: {Problem}", kind.Kind, frame.Key, frame.ResourceVersion, problem);
        return new WatchEvent<T>(WatchEventType.Unreadable, frame.ResourceVersion, frame.Key, null);
    }

    private KubernetesApiException ReadError(WatchFrame frame, in ReadOnlySequence<byte> line)
    {
        var status = new KubernetesStatus();
        if (frame.ObjectStart >= 0)
        {
            var reader = new Utf8JsonReader(line.Slice(frame.ObjectStart));
            status = JsonSerializer.Deserialize(ref reader, KubernetesJsonContext.Default.KubernetesStatus) ?? status;
        }
        return status.ToException((HttpStatusCode)(status.Code ?? (int)HttpStatusCode.InternalServerError), $"watch of {kind.Plural}: ");
    }
}
