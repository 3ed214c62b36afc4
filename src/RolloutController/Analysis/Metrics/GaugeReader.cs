using RolloutController.Analysis.Checks;
using RolloutController.Api;

namespace RolloutController.Analysis.Metrics;

/// <summary>Reads the gauges of one version, and makes one value of them.</summary>
internal sealed class GaugeReader : IValueReader
{
    private readonly IMetricProvider _provider;
    private readonly GaugeSelectors _selectors;
    private readonly ArmIdentity _arm;
    private readonly TimeSpan _window;

    /// <summary>Prepares reading.</summary>
    public GaugeReader(IMetricProvider provider, GaugeSelectors selectors, ArmIdentity arm, TimeSpan window)
    {
        (_provider, _selectors, _arm, _window) = (provider, selectors, arm, window);
        // A selector that does not suit this version is refused now, not at the first look.
        _ = (selectors.Selector.Render(arm), selectors.Per?.Render(arm));
    }

    /// <inheritdoc/>
    public async Task<MeasuredValue> ReadAsync(CancellationToken cancellationToken)
    {
        var values = await NewestAsync(_selectors.Selector, cancellationToken);
        if (_selectors.Per is not { } per)
            return Measured([.. values.Select(value => value.Value)], CheckNumber.Format, "series");
        var shares = Shares(values, await NewestAsync(per, cancellationToken), per.Metric);
        return Measured(shares, share => $"{CheckNumber.Format(share)} % of {per.Metric}", "pods");
    }

    private MeasuredValue Measured(IReadOnlyList<double> values, Func<double, string> format, string what)
    {
        var (value, which) = _selectors.Reduce switch
        {
            Reduction.Max => (values.Max(), $"the highest of {values.Count} {what}"),
            Reduction.Min => (values.Min(), $"the lowest of {values.Count} {what}"),
            Reduction.Average => (values.Average(), $"the average of {values.Count} {what}"),
            _ => (values.Sum(), "added up"),
        };
        return double.IsFinite(value)
            ? new MeasuredValue(value, $"{_selectors.Selector.Metric} is {format(value)}, {which}")
            : throw new CheckException(DataClass.ProviderError, $"the values of {_selectors.Selector.Metric} in provider {_provider.Name} are too large to reckon with");
    }

    /// <summary>Percent, pod by pod; for a sum, of all pods together.</summary>
    private IReadOnlyList<double> Shares(IReadOnlyList<Gauge> values, IReadOnlyList<Gauge> limits, string per)
    {
        var pod = _selectors.Reduce == Reduction.Sum ? _ => "" : (Func<Gauge, string>)(gauge => gauge.Pod);
        var (used, whole) = (Sums(values, pod), Sums(limits, pod));
        if (used.Keys.Count(key => !whole.ContainsKey(key)) is var missing and > 0)
            throw new CheckException(DataClass.NoData, $"{missing} of {used.Count} pods have no value of {per} in provider {_provider.Name}: it is not there yet, or one of the two has no label pod or instance");
        if (used.Keys.Any(key => whole[key] == 0))
            throw new CheckException(DataClass.ProviderError, $"{per} is 0 in provider {_provider.Name}, and nothing can be divided by that");
        return [.. used.Select(one => 100 * one.Value / whole[one.Key])];
    }

    private static Dictionary<string, double> Sums(IEnumerable<Gauge> gauges, Func<Gauge, string> key) =>
        gauges.GroupBy(key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(gauge => gauge.Value), StringComparer.Ordinal);

    /// <summary>The newest value of each series that is still scraped: pods come and go, and what a gone one had last says nothing of now.</summary>
    private async Task<IReadOnlyList<Gauge>> NewestAsync(SelectorTemplate selector, CancellationToken cancellationToken)
    {
        var reading = await _provider.ReadAsync(new MetricQuery.Gauges(selector.Render(_arm, _provider.NamespaceLabel), _window), cancellationToken);
        var found = reading.OrThrow();
        if (found.Series.Count == 0)
            throw new CheckException(DataClass.NoData, $"provider {_provider.Name} has no value of {selector.Metric} for this version: it has none yet, or the selector does not match its metrics");
        var oldest = found.AsOf - ScrapeAge.Longest(found.Series);
        List<Gauge> fresh = [.. found.Series.Where(series => series.Points[^1].Time >= oldest).Select(series => new Gauge(PodOf(series.Labels), series.Points[^1].Value))];
        return fresh.Count > 0 ? fresh
            : throw new CheckException(DataClass.Stale, $"the values of {selector.Metric} in provider {_provider.Name} are stale; is the version still scraped?");
    }

    private static string PodOf(IReadOnlyDictionary<string, string> labels) =>
        labels.TryGetValue("pod", out var pod) ? pod : labels.GetValueOrDefault("instance", "");

    /// <summary>The newest value of a series.</summary>
    private readonly record struct Gauge(string Pod, double Value);
}
