using MathNet.Numerics.Distributions;

namespace RolloutController.Rehearsal.Requests;

/// <summary>How long requests take: log-normal, as response times mostly are about.</summary>
/// <param name="Median">Half of the requests are faster; more than zero.</param>
/// <param name="P99">One request of a hundred is slower; more than <paramref name="Median"/>.</param>
public sealed record Latency(TimeSpan Median, TimeSpan P99)
{
    /// <summary>A service that answers well: 20 ms, and 150 ms for the slowest hundredth.</summary>
    public static Latency Usual { get; } = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(150));

    /// <summary>The share of requests that take longer, 0 to 1.</summary>
    public double ShareAbove(TimeSpan time)
    {
        if (time <= TimeSpan.Zero)
            return 1;
        var spread = Math.Log(P99 / Median) / Normal.InvCDF(0, 1, 0.99);
        return 1 - Normal.CDF(0, 1, Math.Log(time / Median) / spread);
    }
}

/// <summary>How long requests took of which not all were alike.</summary>
internal sealed class LatencyTally
{
    private readonly List<(Latency Latency, long Count)> _parts = [];

    /// <summary>The counts as they stand now.</summary>
    public LatencyCounts Counts() => new([.. _parts]);

    /// <summary>Begins anew.</summary>
    public void Clear() => _parts.Clear();

    public void Add(Latency latency, long count)
    {
        var index = _parts.FindIndex(part => part.Latency == latency);
        if (index < 0)
            _parts.Add((latency, count));
        else
            _parts[index] = (latency, _parts[index].Count + count);
    }

    /// <summary>The time that a share of all requests took longer than; zero where there was none.</summary>
    public TimeSpan Above(double share)
    {
        var all = _parts.Sum(part => part.Count);
        if (all == 0)
            return TimeSpan.Zero;
        var (low, high) = (0.0, Math.Log(TimeSpan.FromHours(1).TotalMicroseconds));
        for (var i = 0; i < 50; i++)
        {
            var middle = (low + high) / 2;
            var above = _parts.Sum(part => part.Count * part.Latency.ShareAbove(Microseconds(middle))) / all;
            (low, high) = above > share ? (middle, high) : (low, middle);
        }

        return Microseconds(high);
    }

    private static TimeSpan Microseconds(double logarithm) => TimeSpan.FromMicroseconds(Math.Exp(logarithm));
}

/// <summary>How long requests took, as it stood at one moment.</summary>
/// <param name="Parts">How many there were of each kind.</param>
internal readonly record struct LatencyCounts(IReadOnlyList<(Latency Latency, long Count)> Parts)
{
    /// <summary>All requests that were answered.</summary>
    public long All => Parts?.Sum(part => part.Count) ?? 0;

    /// <summary>Those that took no longer than a bound: as many as are expected to, so that what grows here is never less than before.</summary>
    public long Within(TimeSpan bound) => Parts?.Sum(part => (long)Math.Round(part.Count * (1 - part.Latency.ShareAbove(bound)))) ?? 0;
}
