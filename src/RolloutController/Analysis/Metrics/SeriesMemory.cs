namespace RolloutController.Analysis.Metrics;

/// <summary>Remembers where each series of a selector stood, and says how much was added since.</summary>
internal sealed class SeriesMemory
{
    private readonly Dictionary<string, MetricPoint> _last = new(StringComparer.Ordinal);

    /// <summary>What was added since the last call, over all series.</summary>
    /// <param name="series">The series now.</param>
    /// <param name="until">Values scraped later wait for the next call.</param>
    /// <param name="countedFrom">A series that is new here counts what it added after this time.</param>
    /// <param name="wholeWhenNew">Whether a new series without a value that old counts from 0 on; else its newest value is where counting begins.</param>
    public double Increase(IReadOnlyList<MetricSeries> series, DateTimeOffset until, DateTimeOffset? countedFrom, bool wholeWhenNew)
    {
        var increase = 0.0;
        foreach (var (key, points) in series.Select(one => (one.Key, Points: one.Points.Where(point => point.Time <= until).ToList())))
        {
            if (points.Count == 0)
                continue;

            MetricPoint? before = _last.TryGetValue(key, out var known)
                ? known
                : points.Where(point => point.Time <= countedFrom).Select(point => (MetricPoint?)point).LastOrDefault();
            if (before is { } from)
                increase += Increase(from, points);
            else if (wholeWhenNew)
                increase += Increase(new MetricPoint(DateTimeOffset.MinValue, 0), points);
            _last[key] = points[^1].Time > known.Time ? points[^1] : known;
        }

        return increase;
    }

    /// <summary>A value below the one before means that the process began anew, at 0.</summary>
    private static double Increase(MetricPoint from, List<MetricPoint> points)
    {
        var increase = 0.0;
        foreach (var point in points.Where(point => point.Time > from.Time))
        {
            increase += point.Value >= from.Value ? point.Value - from.Value : point.Value;
            from = point;
        }

        return increase;
    }
}
