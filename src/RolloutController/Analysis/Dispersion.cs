namespace RolloutController.Analysis;

/// <summary>
/// How much errors come in bursts. Retries, a lost connection pool or one bad host fail many requests at once; tests that take each request
/// for a coin of its own then see evidence where there is none.
/// </summary>
public static class Dispersion
{
    /// <summary>How many intervals it takes to know.</summary>
    public const int Intervals = 30;

    /// <summary>
    /// The variance of the error counts of intervals over that of independent requests, Σ(kᵢ - nᵢp)² / (nᵢp(1-p)) / (I-1) with p over all
    /// of them: Pearson's estimate of the dispersion (P. McCullagh and J. Nelder, Generalized Linear Models, 2nd edition, 4.5.2).
    /// </summary>
    /// <param name="intervals">Requests and errors of the stable version, interval by interval, before the rollout.</param>
    /// <returns>1 for independent requests, more for bursts; null with fewer than <see cref="Intervals"/> intervals that had requests, or where none or all of them failed.</returns>
    public static double? Of(IReadOnlyCollection<(long Requests, long Errors)> intervals)
    {
        ArgumentNullException.ThrowIfNull(intervals);
        var served = intervals.Where(interval => interval.Requests > 0).ToList();
        var rate = served.Count < Intervals ? 0 : (double)served.Sum(interval => interval.Errors) / served.Sum(interval => interval.Requests);
        return rate is > 0 and < 1
            ? served.Sum(interval => Math.Pow(interval.Errors - (interval.Requests * rate), 2) / (interval.Requests * rate * (1 - rate))) / (served.Count - 1)
            : null;
    }

    /// <summary>What evidence is multiplied by: 1/D where errors come in bursts, and never more than 1.</summary>
    /// <param name="dispersion">What <see cref="Of"/> found; null counts as independent.</param>
    public static double Discount(double? dispersion) => dispersion is > 1 and { } bursts ? 1 / bursts : 1;
}
