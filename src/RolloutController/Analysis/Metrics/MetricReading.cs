using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>What a provider answered. There is no other case than the three nested here.</summary>
public abstract record MetricReading
{
    private MetricReading()
    {
    }

    /// <summary>What the query matched.</summary>
    /// <param name="Series">One entry for each label set; empty when nothing matched.</param>
    /// <param name="AsOf">The provider's own clock, so that a skewed one makes nothing look stale.</param>
    public sealed record Found(IReadOnlyList<MetricSeries> Series, DateTimeOffset AsOf) : MetricReading;

    /// <summary>No usable answer; trying again may help.</summary>
    /// <param name="Message">Why, for a person; nothing of the answer itself.</param>
    public sealed record Unavailable(string Message) : MetricReading;

    /// <summary>The question was refused; only a person can help.</summary>
    /// <param name="Message">Why, and what to change; nothing of the answer itself.</param>
    public sealed record Refused(string Message) : MetricReading;
}

/// <summary>The recent values of one series.</summary>
public sealed record MetricSeries
{
    /// <summary>Makes a series.</summary>
    /// <param name="labels">All its labels, the metric's name included.</param>
    /// <param name="points">Its recent values, the oldest first; at least one.</param>
    public MetricSeries(IReadOnlyDictionary<string, string> labels, IReadOnlyList<MetricPoint> points)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfZero(points.Count);
        Labels = labels;
        Points = points;
        // With the lengths in it, no value can pass for two labels.
        Key = string.Join(',', labels
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .Select(label => string.Create(CultureInfo.InvariantCulture, $"{label.Key}={label.Value.Length}:{label.Value}")));
    }

    /// <summary>All labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The recent values, the oldest first.</summary>
    public IReadOnlyList<MetricPoint> Points { get; }

    /// <summary>All labels as one string: the same for the same series, whatever order they came in.</summary>
    public string Key { get; }
}

/// <summary>One value of a series.</summary>
/// <param name="Time">When it was scraped, or reckoned.</param>
/// <param name="Value">The value; finite. Of a counter, the count since its process began, 0 or more.</param>
public readonly record struct MetricPoint(DateTimeOffset Time, double Value);
