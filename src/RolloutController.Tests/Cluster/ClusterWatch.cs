using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>What happened to an object: <c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>, and the state it was left in.</summary>
internal sealed record ClusterEvent(string Type, JsonObject Object);

/// <summary>Lists a collection, then follows it without a gap, across lost connections, until it is cancelled.</summary>
internal static class ClusterWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Every event of a collection from its present state on; <paramref name="listed"/> is called once with that state.</summary>
    public static async IAsyncEnumerable<ClusterEvent> FollowAsync(
        ClusterApi api, string path, Action<IReadOnlyList<JsonObject>> listed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var list = await api.SendAsync(HttpMethod.Get, path, null, cancellationToken);
        var known = ClusterApi.Items(list).ToDictionary(item => item.Uid());
        var version = list.Text("metadata.resourceVersion")!;
        listed([.. known.Values]);
        while (true)
        {
            await foreach (var change in ReadAsync(api, path, version, cancellationToken))
            {
                if (change.Type == "ERROR")
                    break;
                version = change.Object.Text("metadata.resourceVersion")!;
                Remember(known, change);
                yield return change;
            }
            // The stream ended; whatever was missed in between, a new list tells.
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            list = await api.SendAsync(HttpMethod.Get, path, null, cancellationToken);
            version = list.Text("metadata.resourceVersion")!;
            foreach (var change in Missed(known, ClusterApi.Items(list)))
            {
                Remember(known, change);
                yield return change;
            }
        }
    }

    private static async IAsyncEnumerable<ClusterEvent> ReadAsync(
        ClusterApi api, string path, string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(api, path, version, cancellationToken);
        if (response is null)
            yield break;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadLineAsync(reader, cancellationToken) is { } line)
        {
            var change = JsonNode.Parse(line)!;
            yield return new ClusterEvent(change.Text("type")!, change["object"]!.DeepClone().AsObject());
        }
    }

    private static async Task<HttpResponseMessage?> OpenAsync(ClusterApi api, string path, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await api.OpenWatchAsync(path, version, cancellationToken);
        }
        catch (ClusterApiException exception) when (exception.Status is HttpStatusCode.Gone or >= HttpStatusCode.InternalServerError)
        {
            return null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void Remember(Dictionary<string, JsonObject> known, ClusterEvent change)
    {
        if (change.Type == "DELETED")
            known.Remove(change.Object.Uid());
        else
            known[change.Object.Uid()] = change.Object;
    }

    private static List<ClusterEvent> Missed(Dictionary<string, JsonObject> known, IReadOnlyList<JsonObject> now)
    {
        var present = now.Select(item => item.Uid()).ToHashSet();
        return [
            .. known.Values.Where(item => !present.Contains(item.Uid())).Select(item => new ClusterEvent("DELETED", item)),
            .. now.Where(item => !known.ContainsKey(item.Uid())).Select(item => new ClusterEvent("ADDED", item)),
            .. now.Where(item => known.TryGetValue(item.Uid(), out var old)
                && old.Text("metadata.resourceVersion") != item.Text("metadata.resourceVersion")).Select(item => new ClusterEvent("MODIFIED", item))];
    }
}
