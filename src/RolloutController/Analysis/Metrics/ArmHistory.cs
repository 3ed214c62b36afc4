namespace RolloutController.Analysis.Metrics;

/// <summary>Reads how much the errors of a version came in bursts before another one set out to replace it.</summary>
internal static class ArmHistory
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // A few intervals more than are needed, since the first and the last are not whole.
    private static readonly TimeSpan Window = (Dispersion.Intervals + 5) * Interval;

    /// <summary>The dispersion of the error counts of the minutes before a moment; null where the provider cannot tell.</summary>
    /// <param name="provider">Where to read.</param>
    /// <param name="selectors">What to read.</param>
    /// <param name="arm">The version.</param>
    /// <param name="until">When the rollout began: what came later may be its doing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<double?> DispersionAsync(IMetricProvider provider, CountSelectors selectors, ArmIdentity arm, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var requests = await provider.ReadAsync(new MetricQuery.Counters(selectors.Requests.Render(arm, provider.NamespaceLabel), Window), cancellationToken);
        var part = await provider.ReadAsync(new MetricQuery.Counters(selectors.Part.Render(arm, provider.NamespaceLabel), Window), cancellationToken);
        return (requests, part) is (MetricReading.Found all, MetricReading.Found some) ? Dispersion.Of(Minutes(selectors, all, some, until)) : null;
    }

    private static List<(long Requests, long Errors)> Minutes(CountSelectors selectors, MetricReading.Found requests, MetricReading.Found part, DateTimeOffset until)
    {
        var parts = Added(part, until);
        return [.. Added(requests, until).Select(minute => ((long)minute.Value, (long)Math.Clamp(selectors.Bad(minute.Value, parts.GetValueOrDefault(minute.Key)), 0, minute.Value)))];
    }

    /// <summary>What the series added, by the minute in which it was scraped. A value below the one before means that its process began anew, at 0.</summary>
    private static Dictionary<long, double> Added(MetricReading.Found counters, DateTimeOffset until)
    {
        var minutes = new Dictionary<long, double>();
        foreach (var series in counters.Series)
        {
            foreach (var (from, to) in series.Points.Zip(series.Points.Skip(1)).Where(pair => pair.Second.Time <= until))
            {
                var minute = to.Time.UtcTicks / Interval.Ticks;
                minutes[minute] = minutes.GetValueOrDefault(minute) + (to.Value >= from.Value ? to.Value - from.Value : to.Value);
            }
        }

        return minutes;
    }
}
