using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>How many pods existed and were available at every moment: after each change that the API committed.</summary>
internal sealed class PodCensus : IAsyncDisposable
{
    private readonly ObjectHistory _history;
    private readonly int _listed;

    private PodCensus(ObjectHistory history) => (_history, _listed) = (history, history.Events.Count);

    /// <summary>Starts to count; what is there already counts at once.</summary>
    public static async Task<PodCensus> StartAsync(ClusterApi api, string @namespace, CancellationToken cancellationToken) =>
        new(await ObjectHistory.StartAsync(api, ClusterPath.Pods(@namespace), cancellationToken));

    /// <summary>The counts, oldest first. Pods that were asked to go are not counted, as no workload controller counts them.</summary>
    public IReadOnlyList<(int Existing, int Available)> Counts()
    {
        var pods = new Dictionary<string, JsonObject>();
        var counts = new List<(int, int)>();
        foreach (var change in _history.Events)
        {
            if (change.Type == "DELETED" || change.Object.At("metadata.deletionTimestamp") is not null)
                pods.Remove(change.Object.Uid());
            else
                pods[change.Object.Uid()] = change.Object;
            counts.Add((pods.Count, pods.Values.Count(pod => pod.IsServing())));
        }
        return [.. counts.Skip(_listed - 1)];
    }

    public ValueTask DisposeAsync() => _history.DisposeAsync();
}
