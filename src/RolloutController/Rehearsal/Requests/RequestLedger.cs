using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Requests;

/// <summary>Where requests are counted: for each revision, for each pod, and for each Service at the gateway.</summary>
internal sealed class RequestLedger
{
    // In order of appearance, so that what is made of them does not depend on hashes.
    private readonly OrderedDictionary<string, Tally> _revisions = [];
    private readonly OrderedDictionary<string, PodCount> _pods = [];
    private readonly OrderedDictionary<(ObjectKey Service, int Port), Tally> _services = [];

    /// <summary>The requests that were sent to a revision.</summary>
    public Tally Revision(string revision) => Of(_revisions, revision, static () => new Tally());

    /// <summary>The requests that a gateway sent to a Service.</summary>
    public Tally Service(ObjectKey service, int port) => Of(_services, (service, port), static () => new Tally());

    /// <summary>The requests that a pod was sent.</summary>
    public PodCount Pod(StoredObject pod, Endpoint endpoint)
    {
        var count = Of(_pods, pod.Uid, static () => new PodCount());
        count.Endpoint = endpoint;
        return count;
    }

    /// <summary>Lets the pod's own counters begin anew, as its containers did.</summary>
    public void Restarted(StoredObject pod) => _pods.GetValueOrDefault(pod.Uid)?.Restarted();

    public IReadOnlyList<(string, RequestCounts)> Totals() => [.. _revisions.Select(one => (one.Key, one.Value.Counts()))];

    /// <summary>The counters of the pods that are there, and of Services.</summary>
    public CounterSnapshot Snapshot(ServiceMap services)
    {
        foreach (var gone in _pods.Keys.Where(uid => services.Pod(uid) is null).ToList())
            _pods.Remove(gone);
        return new CounterSnapshot(
            [.. _pods.Select(one => one.Value.Read(services.Pod(one.Key)!))],
            [.. _services.Where(one => one.Key.Service.Name.Length > 0).Select(one => new ServiceCounter(one.Key.Service, one.Key.Port, one.Value.Total, one.Value.Failed, one.Value.Lost, one.Value.Latencies.Counts()))]);
    }

    private static TValue Of<TKey, TValue>(OrderedDictionary<TKey, TValue> items, TKey key, Func<TValue> make)
        where TKey : notnull
    {
        if (!items.TryGetValue(key, out var item))
            items[key] = item = make();
        return item;
    }

    /// <summary>The requests of one pod. Its own counters begin anew with its containers; those of a gateway do not.</summary>
    internal sealed class PodCount
    {
        private readonly LatencyTally _latencies = new();
        private (long Total, long Failed) _all;
        private (long Total, long Failed) _before;

        public Endpoint? Endpoint { get; set; }

        public void Answered(long count, long failed, Latency latency)
        {
            _all = (_all.Total + count, _all.Failed + failed);
            _latencies.Add(latency, count);
        }

        public void Restarted()
        {
            _before = _all;
            _latencies.Clear();
        }

        public PodCounter Read(StoredObject pod) =>
            new(pod, Endpoint!, _all.Total - _before.Total, _all.Failed - _before.Failed, _all.Total, _all.Failed, _latencies.Counts());
    }
}

/// <summary>Counters at one moment.</summary>
internal sealed record CounterSnapshot(IReadOnlyList<PodCounter> Pods, IReadOnlyList<ServiceCounter> Services);

/// <summary>The counters of one pod, and those of a gateway for its endpoint.</summary>
internal sealed record PodCounter(StoredObject Pod, Endpoint Endpoint, long Requests, long Errors, long GatewayRequests, long GatewayErrors, LatencyCounts Latencies);

/// <summary>The counters of a gateway for one Service.</summary>
internal sealed record ServiceCounter(ObjectKey Service, int Port, long Requests, long Errors, long Lost, LatencyCounts Latencies);
