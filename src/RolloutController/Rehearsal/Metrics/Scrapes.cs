using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>Says what else is measured of a pod now, by metric.</summary>
public delegate IReadOnlyDictionary<string, double> PodGauges(StoredObject pod);

/// <summary>What a scrape found of a target.</summary>
/// <param name="At">When.</param>
/// <param name="Requests">Requests, lost ones included.</param>
/// <param name="Errors">Those that were answered with an error, or too late.</param>
/// <param name="Lost">Those that met no pod; of Services alone.</param>
/// <param name="GatewayRequests">Requests by the count of the gateway; of pods alone.</param>
/// <param name="GatewayErrors">Errors by the count of the gateway; of pods alone.</param>
internal readonly record struct Scrape(DateTimeOffset At, long Requests, long Errors, long Lost, long GatewayRequests = 0, long GatewayErrors = 0)
{
    /// <summary>How long the answered ones took.</summary>
    public LatencyCounts Latencies { get; init; }

    /// <summary>What else was measured, by metric; of pods alone.</summary>
    public IReadOnlyDictionary<string, double>? Gauges { get; init; }
}

/// <summary>Who the counters of a scrape belong to.</summary>
internal abstract record ScrapeSubject(string Namespace)
{
    /// <summary>A pod: its own counters, and those of a gateway for its endpoint.</summary>
    public sealed record Pod(string Namespace, string Name, string Uid, string Revision, string Address, int Port) : ScrapeSubject(Namespace)
    {
        public string Instance => $"{Address}:{Port}";
    }

    /// <summary>A Service, as a gateway counts for it.</summary>
    public sealed record Service(string Namespace, string Name, int Port, bool IsGrpc) : ScrapeSubject(Namespace);
}

/// <summary>The scrapes of one subject, the oldest first.</summary>
internal sealed record ScrapedTarget(ScrapeSubject Subject)
{
    public List<Scrape> Scrapes { get; } = [];

    /// <summary>The series that a real Prometheus would have of it.</summary>
    public IReadOnlyList<KnownSeries> Series { get; } = [.. KnownSeries.Of(Subject)];

    /// <summary>Those of histograms; they are many, and seldom asked for.</summary>
    public IReadOnlyList<KnownSeries> Histograms => field ??= [.. KnownHistograms.Of(Subject)];

    /// <summary>The scrapes after one moment and up to another.</summary>
    public IEnumerable<Scrape> Between(DateTimeOffset from, DateTimeOffset until)
    {
        var first = Scrapes.Count;
        while (first > 0 && Scrapes[first - 1].At > from)
            first--;
        for (var i = first; i < Scrapes.Count && Scrapes[i].At <= until; i++)
            yield return Scrapes[i];
    }

    /// <summary>When a scrape first found it gone; null while it is there.</summary>
    public DateTimeOffset? GoneAt { get; set; }
}

/// <summary>Everything that was scraped lately. Not safe for several threads.</summary>
internal sealed class ScrapeHistory
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly OrderedDictionary<ScrapeSubject, ScrapedTarget> _targets = [];

    /// <summary>The targets in order of appearance, gone ones included.</summary>
    public IEnumerable<ScrapedTarget> Targets => _targets.Values;

    /// <summary>Scrapes the counters of streams, and the gauges of the pods that they come to.</summary>
    public void Add(DateTimeOffset now, IEnumerable<SimulatedRequests> streams, PodGauges gauges)
    {
        foreach (var stream in streams)
        {
            var snapshot = stream.Snapshot();
            // Nobody listens in a pod whose containers are down.
            foreach (var counter in snapshot.Pods.Where(counter => IsUp(counter)))
                Of(SubjectOf(counter)).Scrapes.Add(new Scrape(now, counter.Requests, counter.Errors, 0, counter.GatewayRequests, counter.GatewayErrors) { Latencies = counter.Latencies, Gauges = gauges(counter.Pod) });
            foreach (var counter in snapshot.Services)
                Of(SubjectOf(counter, stream.Stream.IsGrpc)).Scrapes.Add(new Scrape(now, counter.Requests, counter.Errors, counter.Lost) { Latencies = counter.Latencies });
        }

        foreach (var target in _targets.Values.ToList())
            Age(target, now);
    }

    private static bool IsUp(PodCounter counter) =>
        counter.Pod.Json.Items("status", "containerStatuses").All(container => container.At("state", "running") is not null);

    private static ScrapeSubject.Pod SubjectOf(PodCounter counter) => new(
        counter.Pod.Namespace, counter.Pod.Name, counter.Pod.Uid, counter.Pod.Revision(), counter.Endpoint.Address, counter.Endpoint.Port);

    private static ScrapeSubject.Service SubjectOf(ServiceCounter counter, bool isGrpc) =>
        new(counter.Service.Namespace, counter.Service.Name, counter.Port, isGrpc);

    private void Age(ScrapedTarget target, DateTimeOffset now)
    {
        if (target.Scrapes[^1].At == now)
            target.GoneAt = null;
        else
            target.GoneAt ??= now;
        // Most of what is old goes at once, so that this is not done at every scrape.
        if (target.Scrapes[0].At < now - (2 * Retention))
            target.Scrapes.RemoveAll(scrape => scrape.At < now - Retention);
        if (target.Scrapes.Count == 0)
            _targets.Remove(target.Subject);
    }

    private ScrapedTarget Of(ScrapeSubject subject)
    {
        if (!_targets.TryGetValue(subject, out var target))
            _targets[subject] = target = new ScrapedTarget(subject);
        return target;
    }
}
