using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster.EndToEnd;

/// <summary>A split that clients met, on the clock of a load.</summary>
/// <param name="Percent">The canary's share.</param>
/// <param name="From">When the gateway had accepted it.</param>
/// <param name="To">When the route was written again; null while it holds.</param>
internal sealed record SplitTime(double Percent, TimeSpan From, TimeSpan? To)
{
    /// <summary>
    /// What the load met while the split was settled: whole seconds, without the last one, in which the gateway may have known of the
    /// next split before this process did.
    /// </summary>
    public LoadReport Settled(LoadReport all) => all.Between((int)Math.Ceiling(From.TotalSeconds), (int)Math.Floor(To!.Value.TotalSeconds) - 1);
}

/// <summary>When which split of a route was in effect, as the route itself and the gateway's answers tell.</summary>
internal sealed class SplitTimes : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<SplitTime> _splits = [];
    private readonly LoadGenerator _load;
    private readonly string _canaryService;
    private long _generation;
    private LiveList? _live;

    private SplitTimes(LoadGenerator load, string canaryService) => (_load, _canaryService) = (load, canaryService);

    /// <summary>Every split so far that the gateway accepted, in order; the first is the one at rest.</summary>
    public IReadOnlyList<SplitTime> All
    {
        get
        {
            lock (_gate)
                return [.. _splits];
        }
    }

    /// <summary>Starts to follow the only route of a namespace.</summary>
    public static async Task<SplitTimes> StartAsync(ClusterApi api, string @namespace, string canaryService, LoadGenerator load, CancellationToken cancellationToken)
    {
        var times = new SplitTimes(load, canaryService);
        times._live = await LiveList.StartAsync(api, ClusterPath.HttpRoutes(@namespace), cancellationToken, change => times.Take(change.Object));
        return times;
    }

    public ValueTask DisposeAsync() => _live?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Take(JsonObject route)
    {
        lock (_gate)
        {
            var generation = route.Number("metadata.generation");
            if (generation > _generation && _splits is [.., { To: null } last])
                _splits[^1] = last with { To = _load.Elapsed };
            if (generation <= _generation || !RouteShares.IsInEffect(route))
                return;
            _generation = generation;
            _splits.Add(new SplitTime(RouteShares.Percent(route, _canaryService), _load.Elapsed, null));
        }
    }
}
