using System.Collections.Concurrent;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Gateways;

namespace RolloutController.Rehearsal.Requests;

/// <summary>
/// Requests that nobody sends: a stream is split by the routes in effect over the endpoints of Services, and pods fail as many as they are
/// said to. Counts are drawn whenever they are asked for, and for each stretch of time between two changes on its own, so the same seed
/// gives the same counts.
/// </summary>
public sealed class SimulatedRequests : IPodLoad, IDisposable
{
    /// <summary>The longest stretch that is drawn at once, as the rate and the pods may change over it.</summary>
    private static readonly TimeSpan LongestStretch = TimeSpan.FromSeconds(15);

    private readonly EmbeddedCluster _cluster;
    private readonly SimulatedGateway? _gateway;
    private readonly RequestStream _stream;
    private readonly Serving _serving;
    private readonly Random _random;
    private readonly ConcurrentQueue<(DateTimeOffset At, Action Apply)> _changes = new();
    private readonly Lock _gate = new();
    private readonly ServiceMap _services = new();
    private readonly RequestLedger _ledger = new();
    private IReadOnlyList<TrafficTarget> _targets;
    private DateTimeOffset? _begun;
    private DateTimeOffset _now;
    private double _due;
    private double? _usualLoad;

    // The shares of revisions and of pods, as long as nothing changes.
    private (IReadOnlyDictionary<string, double> Revisions, IReadOnlyDictionary<string, double> Pods)? _present;
    private long _turn;

    /// <summary>Makes a stream; <see cref="Begin"/> starts it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="gateway">The gateway; null where the stream has no routes.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="serving">How pods serve.</param>
    /// <param name="random">The source of chance, for this stream alone.</param>
    public SimulatedRequests(EmbeddedCluster cluster, SimulatedGateway? gateway, RequestStream stream, Serving serving, Random random)
    {
        (_cluster, _gateway, _stream, _serving, _random) = (cluster, gateway, stream, serving, random);
        _now = cluster.Clock.GetUtcNow();
        _targets = TrafficSplit.Of(stream, []);
        cluster.Committed += Note;
        if (gateway is not null)
            gateway.Changed += Note;
        foreach (var item in ServiceMap.Watched.SelectMany(plural => cluster.List(plural)))
            Note(new ObjectChange(null, item, item.Version));
        Note(gateway?.Routes ?? []);
    }

    /// <summary>The stream.</summary>
    public RequestStream Stream => _stream;

    /// <summary>Starts to send.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            Advance();
            _begun ??= _now;
        }
    }

    /// <summary>What became of the requests so far, by the revision that they were sent to, in the order in which these came; nothing stands for no revision.</summary>
    public IReadOnlyList<(string Revision, RequestCounts Counts)> Totals()
    {
        lock (_gate)
        {
            Advance();
            return _ledger.Totals();
        }
    }

    /// <summary>What one of a hundred answers of a revision took longer than so far; zero where there was none.</summary>
    public TimeSpan SlowestHundredth(string revision)
    {
        lock (_gate)
        {
            Advance();
            return _ledger.Revision(revision).Latencies.Above(0.01);
        }
    }

    /// <summary>The share of requests that each revision with ready endpoints is sent now, 0 to 1.</summary>
    public IReadOnlyDictionary<string, double> Shares()
    {
        lock (_gate)
        {
            Advance();
            return Present().Revisions;
        }
    }

    /// <inheritdoc/>
    public double? LoadOf(StoredObject pod)
    {
        lock (_gate)
        {
            Advance();
            if (_begun is null)
                return null;
            var split = Present();
            _usualLoad ??= split.Pods.Count == 0 ? 0 : Rate(_now) / split.Pods.Count;
            return _usualLoad == 0 ? 0 : Rate(_now) * split.Pods.GetValueOrDefault(pod.Uid) / _usualLoad;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cluster.Committed -= Note;
        if (_gateway is not null)
            _gateway.Changed -= Note;
    }

    /// <summary>The counters of pods and of gateways as they stand now.</summary>
    internal CounterSnapshot Snapshot()
    {
        lock (_gate)
        {
            Advance();
            return _ledger.Snapshot(_services);
        }
    }

    private void Note(ObjectChange change)
    {
        if (ServiceMap.Watched.Contains(change.Object.Plural))
            _changes.Enqueue((_cluster.Clock.GetUtcNow(), () => Take(change)));
    }

    private void Note(IReadOnlyList<RouteInEffect> routes) =>
        _changes.Enqueue((_cluster.Clock.GetUtcNow(), () => _targets = TrafficSplit.Of(_stream, routes)));

    private void Take(ObjectChange change)
    {
        _services.Take(change);
        if (change is { Old: { Plural: "pods" } old, New: { } now } && old.Restarts() != now.Restarts())
            _ledger.Restarted(now);
    }

    /// <summary>Sends what was due, each stretch to what was there then.</summary>
    private void Advance()
    {
        while (_changes.TryDequeue(out var change))
        {
            Send(change.At);
            change.Apply();
            _present = null;
        }

        Send(_cluster.Clock.GetUtcNow());
    }

    private void Send(DateTimeOffset until)
    {
        while (_now < until)
        {
            var stretch = until - _now < LongestStretch ? until - _now : LongestStretch;
            if (_begun is not null)
            {
                _due += Rate(_now + (stretch / 2)) * stretch.TotalSeconds;
                var count = (long)_due;
                _due -= count;
                if (count > 0)
                    Send(count);
            }

            _now += stretch;
        }
    }

    private void Send(long count)
    {
        // What goes to backends of somebody else is none of this stream's.
        var elsewhere = Math.Max(0, 1 - _targets.Sum(target => target.Share));
        var parts = Chance.Split(_random, count, [.. _targets.Select(target => target.Share), elsewhere]);
        foreach (var (target, part) in _targets.Zip(parts).Where(pair => pair.Second > 0))
            Send(target, part);
    }

    private void Send(TrafficTarget target, long count)
    {
        var counter = _ledger.Service(target.Service, _services.Port(target.Service, target.Port));
        var endpoints = _services.Endpoints(target.Service);
        if (endpoints.Count == 0)
        {
            counter.Missed(count);
            _ledger.Revision(_services.Revision(target.Service)).Missed(count);
            return;
        }

        // Proxies take turns, so that each endpoint gets its part.
        var (all, extra) = Math.DivRem(count, endpoints.Count);
        for (var i = 0; i < endpoints.Count && i < count; i++)
            Send(endpoints[(int)((_turn + i) % endpoints.Count)], all + (i < extra ? 1 : 0), counter);
        _turn += extra;
    }

    private void Send(Endpoint endpoint, long count, Tally service)
    {
        if (_services.Pod(endpoint.Pod) is not { } pod)
        {
            service.Missed(count);
            _ledger.Revision("").Missed(count);
            return;
        }

        var revision = pod.Revision();
        var split = Present();
        var quality = _serving(new ServingMoment(
            pod, revision, split.Revisions.GetValueOrDefault(revision), Rate(_now) * split.Pods.GetValueOrDefault(pod.Uid), _now - _begun!.Value));
        var failed = Chance.Binomial(_random, count, 1 - ((1 - quality.ErrorRate) * (1 - quality.Latency.ShareAbove(_stream.Timeout))));
        service.Answered(count, failed);
        service.Latencies.Add(quality.Latency, count);
        _ledger.Pod(pod, endpoint).Answered(count, failed, quality.Latency);
        var tally = _ledger.Revision(revision);
        tally.Answered(count, failed);
        tally.Latencies.Add(quality.Latency, count);
    }

    private double Rate(DateTimeOffset at) => Math.Max(0, _stream.RequestsPerSecond(at - _begun!.Value));

    private (IReadOnlyDictionary<string, double> Revisions, IReadOnlyDictionary<string, double> Pods) Present()
    {
        if (_present is { } known)
            return known;
        var (revisions, pods) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        foreach (var target in _targets)
        {
            var endpoints = _services.Endpoints(target.Service);
            foreach (var pod in endpoints.Select(endpoint => endpoint.Pod))
            {
                var (revision, share) = (_services.Pod(pod)?.Revision() ?? "", target.Share / endpoints.Count);
                revisions[revision] = revisions.GetValueOrDefault(revision) + share;
                pods[pod] = pods.GetValueOrDefault(pod) + share;
            }
        }

        _present = (revisions, pods);
        return (revisions, pods);
    }
}
