using System.Text.Json.Nodes;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>A watch that a test reads event by event.</summary>
internal sealed class WatchReading : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private WatchReading(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public string? MediaType => _response.Content.Headers.ContentType?.MediaType;

    /// <summary>Opens a watch; returns once the API has answered with headers.</summary>
    public static async Task<WatchReading> OpenAsync(ClusterApi api, string path, string version, CancellationToken cancellationToken)
    {
        var response = await api.OpenWatchAsync(path, version, cancellationToken);
        return new WatchReading(response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)));
    }

    /// <summary>The next event that is no bookmark; null where the watch has ended.</summary>
    public async Task<ClusterEvent?> NextAsync(CancellationToken cancellationToken)
    {
        while (await _reader.ReadLineAsync(cancellationToken) is { } line)
        {
            // Each line is a document of its own.
            var change = JsonNode.Parse(line)!.AsObject();
            if (change.Text("type") != "BOOKMARK")
                return new ClusterEvent(change.Text("type")!, change["object"]!.DeepClone().AsObject());
        }
        return null;
    }

    /// <summary>The next event, which is to be that of a deletion; a pod may be marked first, even one that is given no time.</summary>
    public async Task<ClusterEvent?> DeletedAsync(CancellationToken cancellationToken)
    {
        var next = await NextAsync(cancellationToken);
        return next?.Type == "MODIFIED" && next.Object.Text("metadata.deletionTimestamp") is not null ? await NextAsync(cancellationToken) : next;
    }

    /// <summary>The next events, as type and name.</summary>
    public async Task<IReadOnlyList<string>> NextAsync(int count, CancellationToken cancellationToken)
    {
        var events = new List<string>();
        while (events.Count < count && await NextAsync(cancellationToken) is { } next)
            events.Add($"{next.Type} {next.Object.Name()}");
        return events;
    }

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
    }
}
