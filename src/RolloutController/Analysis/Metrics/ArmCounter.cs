using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>What one look at one version brought.</summary>
/// <param name="Class">Its class.</param>
/// <param name="Message">The same for a person.</param>
/// <param name="Requests">How many requests there were.</param>
/// <param name="Errors">How many of them failed, or were bad in another way.</param>
internal sealed record ArmCounts(DataClass Class, string Message, long Requests = 0, long Errors = 0);

/// <summary>Counts the requests of one version, and the bad ones among them, from its raw counters.</summary>
/// <remarks>
/// Counters are read raw and subtracted here, since PromQL's rate and increase extrapolate (three errors become 3.4) and
/// lose a series' first value: the first errors of a fresh pod. Whole counts are what the exact test needs.
/// </remarks>
internal sealed class ArmCounter
{
    private readonly IMetricProvider _provider;
    private readonly CountSelectors _selectors;
    private readonly ArmIdentity _arm;
    private readonly DateTimeOffset? _bornAt;
    private readonly TimeSpan _window;
    private readonly SeriesMemory _requests = new();
    private readonly SeriesMemory _part = new();

    private bool _begun;
    private (double Requests, double Part) _total;
    private (long Requests, long Errors) _reported;

    /// <summary>Prepares counting.</summary>
    /// <param name="provider">Where to read.</param>
    /// <param name="selectors">What to read.</param>
    /// <param name="arm">The version.</param>
    /// <param name="bornAt">When the version got its first pods; null when it is older than this counter's memory.</param>
    /// <param name="window">How far back each look reads.</param>
    public ArmCounter(IMetricProvider provider, CountSelectors selectors, ArmIdentity arm, DateTimeOffset? bornAt, TimeSpan window)
    {
        _provider = provider;
        _selectors = selectors;
        _arm = arm;
        // A selector that does not suit this version is refused now, not at the first look.
        _ = (selectors.Requests.Render(arm), selectors.Part.Render(arm));
        _bornAt = bornAt;
        _window = window;
    }

    /// <summary>Takes a look. Without both readings nothing is counted, and the next look covers the gap.</summary>
    public async Task<ArmCounts> CountAsync(CancellationToken cancellationToken)
    {
        // One after the other: the second sees all that the first saw, so that no request counts as slow whose bucket is not there yet.
        var requests = await ReadAsync(_selectors.Requests, cancellationToken);
        var part = requests is MetricReading.Found ? await ReadAsync(_selectors.Part, cancellationToken) : requests;
        return part switch
        {
            MetricReading.Refused refused => new ArmCounts(DataClass.ConfigError, refused.Message),
            MetricReading.Unavailable unavailable => new ArmCounts(DataClass.ProviderError, unavailable.Message),
            _ => Count((MetricReading.Found)requests, (MetricReading.Found)part),
        };
    }

    private Task<MetricReading> ReadAsync(SelectorTemplate selector, CancellationToken cancellationToken) =>
        _provider.ReadAsync(new MetricQuery.Counters(selector.Render(_arm, _provider.NamespaceLabel), _window), cancellationToken);

    private ArmCounts Count(MetricReading.Found requests, MetricReading.Found part)
    {
        // A gateway's series are older than the version, and only the window tells how they stood when it was born. When
        // the window does not reach back that far, they begin to count now; new ones of later looks began in between.
        var whole = _begun || (_bornAt is { } born && (_selectors.NamesRevision || requests.AsOf - _window <= born));
        _begun = whole || requests.Series.Count > 0;
        if (requests.Series.Count == 0)
        {
            return new ArmCounts(DataClass.NoData, $"provider {_provider.Name} has no request of this version: it got none yet, or the selector {_selectors.Requests.Metric}{{...}} does not match its metrics");
        }

        if (_selectors.Blind(requests, part) is { } blind)
            return new ArmCounts(DataClass.ConfigError, blind);

        // An error must not be counted before its request is, so the errors wait for the scrape that brings both.
        var newest = requests.Series.Max(series => series.Points[^1].Time);
        _total.Requests += _requests.Increase(requests.Series, newest, _bornAt, whole);
        _total.Part += _part.Increase(part.Series, newest, _bornAt, whole);
        if (_total.Part > _total.Requests)
            return new ArmCounts(DataClass.ConfigError, _selectors.MoreThanAll);

        return Report(requests, newest);
    }

    private ArmCounts Report(MetricReading.Found requests, DateTimeOffset newest)
    {
        // What was bad once stays so: a bucket that a provider brings late must not take a slow request back.
        var total = ((long)_total.Requests, Math.Max(_reported.Errors, (long)_selectors.Bad(_total.Requests, _total.Part)));
        var (countedRequests, countedErrors) = (total.Item1 - _reported.Requests, total.Item2 - _reported.Errors);
        _reported = total;

        var age = requests.AsOf - newest;
        var text = string.Create(CultureInfo.InvariantCulture, $"{requests.Series.Count} series, the newest value {Math.Max(0, age.TotalSeconds):0} s old");
        return age > ScrapeAge.Longest(requests.Series)
            ? new ArmCounts(DataClass.Stale, $"the counts of provider {_provider.Name} are stale: {text}; is the version still scraped?", countedRequests, countedErrors)
            : new ArmCounts(DataClass.Ok, text, countedRequests, countedErrors);
    }
}
