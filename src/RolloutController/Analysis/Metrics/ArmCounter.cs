using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>What one look at one version brought.</summary>
internal sealed record ArmCounts(DataClass Class, string Message, long Requests = 0, long Errors = 0);

/// <summary>Counts the requests and errors of one version from its raw counters.</summary>
/// <remarks>
/// Counters are read raw and subtracted here, since PromQL's rate and increase extrapolate (three errors become 3.4) and
/// lose a series' first value: the first errors of a fresh pod. Whole counts are what the exact test needs.
/// </remarks>
internal sealed class ArmCounter
{
    private static readonly TimeSpan MinStaleAge = TimeSpan.FromSeconds(60);

    private readonly IMetricProvider _provider;
    private readonly ErrorRateSelectors _selectors;
    private readonly ArmIdentity _arm;
    private readonly DateTimeOffset? _bornAt;
    private readonly TimeSpan _window;
    private readonly SeriesMemory _requests = new();
    private readonly SeriesMemory _errors = new();

    private bool _begun;
    private (double Requests, double Errors) _total;
    private (long Requests, long Errors) _reported;

    /// <summary>Prepares counting.</summary>
    /// <param name="provider">Where to read.</param>
    /// <param name="selectors">What to read.</param>
    /// <param name="arm">The version.</param>
    /// <param name="bornAt">When the version got its first pods; null when it is older than this counter's memory.</param>
    /// <param name="window">How far back each look reads.</param>
    public ArmCounter(IMetricProvider provider, ErrorRateSelectors selectors, ArmIdentity arm, DateTimeOffset? bornAt, TimeSpan window)
    {
        _provider = provider;
        _selectors = selectors;
        _arm = arm;
        // A selector that does not suit this version is refused now, not at the first look.
        _ = (selectors.Requests.Render(arm), selectors.Errors.Render(arm));
        _bornAt = bornAt;
        _window = window;
    }

    /// <summary>Takes a look. Without both readings nothing is counted, and the next look covers the gap.</summary>
    public async Task<ArmCounts> CountAsync(CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(ReadAsync(_selectors.Requests, cancellationToken), ReadAsync(_selectors.Errors, cancellationToken));
        if (readings.OfType<CounterReading.Refused>().FirstOrDefault() is { } refused)
            return new ArmCounts(DataClass.ConfigError, refused.Message);
        if (readings.OfType<CounterReading.Unavailable>().FirstOrDefault() is { } unavailable)
            return new ArmCounts(DataClass.ProviderError, unavailable.Message);
        return Count((CounterReading.Counters)readings[0], (CounterReading.Counters)readings[1]);
    }

    private Task<CounterReading> ReadAsync(SelectorTemplate selector, CancellationToken cancellationToken) =>
        _provider.ReadAsync(selector.Render(_arm, _provider.NamespaceLabel), _window, cancellationToken);

    private ArmCounts Count(CounterReading.Counters requests, CounterReading.Counters errors)
    {
        // A gateway's series are older than the version, and only the window tells how they stood when it was born. When
        // the window does not reach back that far, they begin to count now; new ones of later looks began in between.
        var whole = _begun || (_bornAt is { } born && (_selectors.NamesRevision || requests.AsOf - _window <= born));
        _begun = whole || requests.Series.Count > 0;
        if (requests.Series.Count == 0)
        {
            return new ArmCounts(DataClass.NoData, $"provider {_provider.Name} has no request of this version: it got none yet, or the selector {_selectors.Requests.Metric}{{...}} does not match its metrics");
        }

        if (MissingLabel(requests, errors) is { } label)
            return new ArmCounts(DataClass.ConfigError, $"the errors selector asks for the label {label}, which no series of {_selectors.Requests.Metric} has: errors could never be seen; correct analysis.errorRate.errors");

        // An error must not be counted before its request is, so the errors wait for the scrape that brings both.
        var newest = requests.Series.Max(series => series.Points[^1].Time);
        _total.Requests += _requests.Increase(requests.Series, newest, _bornAt, whole);
        _total.Errors += _errors.Increase(errors.Series, newest, _bornAt, whole);
        if (_total.Errors > _total.Requests)
            return new ArmCounts(DataClass.ConfigError, "the errors selector counts more than the requests selector; correct analysis.errorRate so that every error is one of the requests");

        return Report(requests, newest);
    }

    private ArmCounts Report(CounterReading.Counters requests, DateTimeOffset newest)
    {
        var total = ((long)_total.Requests, (long)_total.Errors);
        var (countedRequests, countedErrors) = (total.Item1 - _reported.Requests, total.Item2 - _reported.Errors);
        _reported = total;

        var age = requests.AsOf - newest;
        var text = string.Create(CultureInfo.InvariantCulture, $"{requests.Series.Count} series, the newest value {Math.Max(0, age.TotalSeconds):0} s old");
        return age > MaxAge(requests.Series)
            ? new ArmCounts(DataClass.Stale, $"the counts of provider {_provider.Name} are stale: {text}; is the version still scraped?", countedRequests, countedErrors)
            : new ArmCounts(DataClass.Ok, text, countedRequests, countedErrors);
    }

    /// <summary>An error counter that can never match looks just like a version without errors.</summary>
    private string? MissingLabel(CounterReading.Counters requests, CounterReading.Counters errors)
    {
        if (errors.Series.Count > 0 || _selectors.Errors.Metric != _selectors.Requests.Metric)
            return null;
        return _selectors.Errors.RequiredLabels
            .Except(_selectors.Requests.RequiredLabels)
            .FirstOrDefault(label => !requests.Series.Any(series => series.Labels.ContainsKey(label)));
    }

    /// <summary>Three scrapes missed in a row, taking the median distance of two values for the scrape interval.</summary>
    private static TimeSpan MaxAge(IReadOnlyList<CounterSeries> series)
    {
        var gaps = series
            .SelectMany(one => one.Points.Zip(one.Points.Skip(1), (earlier, later) => later.Time - earlier.Time))
            .Order()
            .ToList();
        var threeScrapes = gaps.Count == 0 ? TimeSpan.Zero : 3 * gaps[gaps.Count / 2];
        return threeScrapes > MinStaleAge ? threeScrapes : MinStaleAge;
    }
}
