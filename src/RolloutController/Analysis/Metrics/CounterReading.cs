using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>What a provider answered. There is no other case than the three nested here.</summary>
public abstract record CounterReading
{
    private CounterReading()
    {
    }

    /// <summary>The counters that the selector matched.</summary>
    /// <param name="Series">One entry for each label set; empty when nothing matched.</param>
    /// <param name="AsOf">The provider's own clock, so that a skewed one makes nothing look stale.</param>
    public sealed record Counters(IReadOnlyList<CounterSeries> Series, DateTimeOffset AsOf) : CounterReading;

    /// <summary>No usable answer; trying again may help.</summary>
    /// <param name="Message">Why, for a person; nothing of the answer itself.</param>
    public sealed record Unavailable(string Message) : CounterReading;

    /// <summary>The question was refused; only a person can help.</summary>
    /// <param name="Message">Why, and what to change; nothing of the answer itself.</param>
    public sealed record Refused(string Message) : CounterReading;
}

/// <summary>The recent values of one counter.</summary>
public sealed record CounterSeries
{
    /// <summary>Makes a series.</summary>
    /// <param name="labels">All its labels, the metric's name included.</param>
    /// <param name="points">Its recent values, the oldest first; at least one.</param>
    public CounterSeries(IReadOnlyDictionary<string, string> labels, IReadOnlyList<CounterPoint> points)
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
    public IReadOnlyList<CounterPoint> Points { get; }

    /// <summary>All labels as one string: the same for the same series, whatever order they came in.</summary>
    public string Key { get; }
}

/// <summary>One scraped value of a counter.</summary>
/// <param name="Time">When it was scraped.</param>
/// <param name="Value">The count since the counter's process began; finite, 0 or more.</param>
public readonly record struct CounterPoint(DateTimeOffset Time, double Value);
