using System.Globalization;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>What is wrong with a simulated Prometheus.</summary>
public enum PrometheusFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It does not run: connections are refused, and nothing is scraped.</summary>
    Down,

    /// <summary>It takes queries and never answers.</summary>
    Hangs,

    /// <summary>It answers every query with status 500.</summary>
    Fails,
}

/// <summary>
/// A Prometheus that scrapes simulated requests and serves them over the HTTP API of a real one
/// (https://prometheus.io/docs/prometheus/latest/querying/api/), as far as one selector goes, with a range or without.
/// </summary>
public sealed class SimulatedPrometheus
{
    private const int MostAsked = 100;

    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<SimulatedRequests> _streams;
    private readonly ScrapeHistory _history = new();
    private readonly List<IRegistered> _registered = [];
    private readonly List<RegisteredQuery> _queries = [];
    private readonly Dictionary<string, SeriesQuery> _asked = [];
    private readonly Lock _gate = new();
    private volatile PrometheusFault _fault;

    /// <summary>Makes a Prometheus; <see cref="RunAsync"/> has it scrape.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="streams">The streams of requests whose counters it scrapes.</param>
    public SimulatedPrometheus(TimeProvider clock, params IReadOnlyList<SimulatedRequests> streams) => (_clock, _streams) = (clock, streams);

    /// <summary>How often it scrapes.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What is measured of pods beside their requests, by metric; by the name of a check where that has an expression.</summary>
    public PodGauges Gauges { get; init; } = _ => new Dictionary<string, double>();

    /// <summary>How long it takes until queries see what was scraped.</summary>
    public TimeSpan Lag { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with it; it may be set at any time.</summary>
    public PrometheusFault Fault
    {
        get => _fault;
        set => _fault = value;
    }

    /// <summary>Has queries that are made from these selectors of a Rollout answered by which of the two they were made from.</summary>
    public void Register(ErrorRateSelectors selectors)
    {
        lock (_gate)
            _registered.Add(new RegisteredSelectors(selectors));
    }

    /// <summary>Has queries of all that a Rollout judges answered, where it brings selectors and expressions of its own.</summary>
    public void Register(RolloutSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        lock (_gate)
        {
            if (spec.Analysis?.ErrorRate is { Requests: { } requests, Errors: { } errors })
                _registered.Add(new RegisteredSelectors(ErrorRateSelectors.Parse(requests, errors)));
            foreach (var check in (spec.Analysis?.Checks ?? []).Concat(spec.Gates))
                Register(check);
        }
    }

    private void Register(CheckSpec check)
    {
        if (check is { ErrorRate: { Requests: { } requests, Errors: { } errors } })
            _registered.Add(new RegisteredSelectors(ErrorRateSelectors.Parse(requests, errors)));
        if (check is { Latency: { Requests: { } all, Within: { } within } latency })
            _registered.Add(new RegisteredSelectors(new LatencySelectors(SelectorTemplate.Parse(all), SelectorTemplate.Parse(within)), latency.SlowerThan));
        // What is measured is percent of what it is measured by, so that a check's value is the one that is said.
        if (check.Metric is { Per: { } per })
            _registered.Add(new RegisteredGauge(SelectorTemplate.Parse(per), 100));
        if (check.Metric is { } metric)
            _registered.Add(new RegisteredGauge(SelectorTemplate.Parse(metric.Selector), UsualValue.Of(check)));
        if (check.Query is { } query)
            _queries.Add(new RegisteredQuery(check.Name, QueryTemplate.Parse(query.Expression), UsualValue.Of(check)));
    }

    /// <summary>Scrapes until it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(ScrapeInterval, _clock, cancellationToken);
            if (Fault == PrometheusFault.Down)
                continue;
            lock (_gate)
                _history.Add(_clock.GetUtcNow(), _streams, Gauges);
        }
    }

    /// <summary>Answers a request.</summary>
    /// <param name="path">The path.</param>
    /// <param name="parameters">The parameters of query and form.</param>
    internal PrometheusAnswer Answer(string path, IReadOnlyDictionary<string, string> parameters) => path switch
    {
        "/-/ready" => PrometheusAnswer.Text(200, "Prometheus Server is Ready.\n"),
        "/-/healthy" => PrometheusAnswer.Text(200, "Prometheus Server is Healthy.\n"),
        "/api/v1/query" when Fault == PrometheusFault.Fails => PrometheusAnswer.Error(500, "internal", "the storage is broken"),
        "/api/v1/query" => Query(parameters),
        _ => PrometheusAnswer.Text(404, "404 page not found\n"),
    };

    private PrometheusAnswer Query(IReadOnlyDictionary<string, string> parameters)
    {
        try
        {
            var text = parameters.GetValueOrDefault("query", "");
            if (Reckoned(text) is { } reckoned)
                return reckoned;
            var query = Parse(text);
            var at = parameters.TryGetValue("time", out var time) ? Moment(time) : _clock.GetUtcNow();
            lock (_gate)
                return query.Range is { } range ? Matrix(query, at - range, at) : Vector(query, at);
        }
        catch (FormatException wrong)
        {
            return PrometheusAnswer.Error(400, "bad_data", $"invalid parameter \"query\": {wrong.Message}");
        }
    }

    /// <summary>The answer to an expression of a Rollout; null where it is none.</summary>
    private PrometheusAnswer? Reckoned(string text)
    {
        lock (_gate)
        {
            return _queries.Select(query => query.Find(text, _history.Targets)).FirstOrDefault(found => found is not null) is { } values
                ? PrometheusAnswer.Vector(values.Select(value => (KnownSeries.Unnamed, new SeriesPoint(_clock.GetUtcNow(), value))))
                : null;
        }
    }

    private PrometheusAnswer Matrix(SeriesQuery query, DateTimeOffset from, DateTimeOffset until) => PrometheusAnswer.Matrix(Find(query)
        .Select(found => (found.Series, Points: Points(found.Target, found.Series, from, until)))
        .Where(found => found.Points.Count > 0));

    private PrometheusAnswer Vector(SeriesQuery query, DateTimeOffset at) => PrometheusAnswer.Vector(Find(query)
        // The series of a target that is gone end with the first scrape that misses it.
        .Where(found => found.Target.GoneAt is not { } gone || gone > at)
        .Select(found => (found.Series, Points: Points(found.Target, found.Series, at - Lookback, at)))
        .Where(found => found.Points.Count > 0)
        .Select(found => (found.Series, found.Points[^1] with { At = at })));

    private IEnumerable<(ScrapedTarget Target, KnownSeries Series)> Find(SeriesQuery query) =>
        (_registered.Select(one => one.Find(query.Metric, query.Matchers, _history.Targets)).FirstOrDefault(found => found is not null) ?? Known(query))
            .OrderBy(found => found.Series.Key, StringComparer.Ordinal);

    private IEnumerable<(ScrapedTarget Target, KnownSeries Series)> Known(SeriesQuery query) =>
        from target in _history.Targets
        from series in query.IsOfHistogram ? target.Histograms : target.Series
        where series.Name == query.Metric && query.Matchers.All(matcher => matcher.Matches(series.Labels.GetValueOrDefault(matcher.Label, "")))
        select (target, series);

    /// <summary>The values after one moment and up to another, as Prometheus 3 takes ranges, as far as they are visible.</summary>
    private List<SeriesPoint> Points(ScrapedTarget target, KnownSeries series, DateTimeOffset from, DateTimeOffset until)
    {
        var visible = _clock.GetUtcNow() - Lag;
        var points = new List<SeriesPoint>();
        foreach (var scrape in target.Between(from, until < visible ? until : visible))
        {
            if (series.Value(scrape) is { } value)
                points.Add(new SeriesPoint(scrape.At, value));
        }

        return points;
    }

    /// <summary>Reads a query, or finds it among those that were asked before: looks ask the same again and again.</summary>
    private SeriesQuery Parse(string text)
    {
        lock (_gate)
        {
            if (_asked.TryGetValue(text, out var known))
                return known;
            if (_asked.Count >= MostAsked)
                _asked.Clear();
            return _asked[text] = SeriesQuery.Parse(text);
        }
    }

    private static DateTimeOffset Moment(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000))
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : throw new FormatException($"cannot parse \"{text}\" to a valid timestamp");
}
