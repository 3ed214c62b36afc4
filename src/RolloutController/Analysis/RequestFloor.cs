namespace RolloutController.Analysis;

/// <summary>How many requests a step needs before its error rate means anything.</summary>
public static class RequestFloor
{
    /// <summary>The floor never lies below this, however high the threshold is.</summary>
    public const long Minimum = 50;

    // One-sided normal quantiles: 5 % false alarms (z.95), 20 % missed regressions (z.80).
    private const double FalseAlarm = 1.6448536269514722;
    private const double Missed = 0.8416212335729143;

    /// <summary>
    /// The requests that a step needs. Early steps look for large regressions only, since few users meet them and few
    /// requests come by: five times the threshold at the first step, three times in the middle, twice from 50 % on.
    /// </summary>
    /// <param name="maxErrorRate">The highest error rate that is fine; a fraction, above 0 and at most 1.</param>
    /// <param name="weight">The step's share of the traffic in percent, 1 to 100; from 50 on it decides, first step or not.</param>
    /// <param name="firstStep">Whether this is the first step.</param>
    /// <param name="minRequests">What the user asked for instead; it wins, also below <see cref="Minimum"/>.</param>
    public static long For(double maxErrorRate, int weight, bool firstStep, int? minRequests)
    {
        var multiple = (weight, firstStep) switch
        {
            ( >= 50, _) => 2,
            (_, true) => 5,
            _ => 3,
        };
        return minRequests ?? Math.Max(Minimum, SampleSize(maxErrorRate, multiple));
    }

    /// <summary>
    /// How many requests tell <paramref name="multiple"/> times the rate from the rate itself, with 5 % false alarms and
    /// 20 % misses: the one-sample size for a proportion, n = [(z₁₋α √(p₀q₀) + z₁₋β √(p₁q₁)) / (p₁ - p₀)]²
    /// (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, 2.4).
    /// </summary>
    /// <param name="rate">The rate p₀; a fraction, above 0 and at most 1.</param>
    /// <param name="multiple">How many times as high the rate to detect is; above 1.</param>
    internal static long SampleSize(double rate, double multiple)
    {
        if (rate is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "An error rate lies above 0 and at most at 1.");
        if (rate == 1)
            return 0;

        // A multiple past 100 % is no rate; halfway to it is the largest regression that still makes sense.
        var detect = rate * multiple < 1 ? rate * multiple : (1 + rate) / 2;
        var root = (FalseAlarm * Math.Sqrt(rate * (1 - rate)) + Missed * Math.Sqrt(detect * (1 - detect))) / (detect - rate);
        return (long)Math.Ceiling(root * root);
    }
}
