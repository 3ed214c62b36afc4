using MathNet.Numerics.Distributions;

namespace RolloutController.Rehearsal.Requests;

/// <summary>Draws counts.</summary>
internal static class Chance
{
    private const long Few = 16;

    /// <summary>
    /// Draws how many of a number of trials succeed. The library's own sampler takes a step for each trial; here the median of the trials is
    /// drawn first, which leaves half of them (L. Devroye, Non-Uniform Random Variate Generation, X.4.3).
    /// </summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="trials">How many trials, 0 or more.</param>
    /// <param name="probability">How likely each succeeds; below 0 counts as 0, above 1 as 1.</param>
    public static long Binomial(Random random, long trials, double probability)
    {
        if (probability >= 1)
            return trials;
        var successes = 0L;
        while (trials > Few && probability > 0)
        {
            var rank = (trials + 1) / 2;
            var median = Beta.Sample(random, rank, trials + 1 - rank);
            if (median <= probability)
            {
                successes += rank;
                trials -= rank;
                probability = (probability - median) / (1 - median);
            }
            else
            {
                trials = rank - 1;
                probability /= median;
            }
        }

        for (; trials > 0 && probability > 0; trials--)
            successes += random.NextDouble() < probability ? 1 : 0;
        return successes;
    }

    /// <summary>Draws where each of a number of things goes; nothing goes where the weight is 0.</summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="count">How many things.</param>
    /// <param name="weights">The weights, 0 or more; not all 0.</param>
    public static long[] Split(Random random, long count, IReadOnlyList<double> weights)
    {
        var parts = new long[weights.Count];
        var left = weights.Sum();
        for (var i = 0; i < parts.Length && count > 0; i++)
        {
            parts[i] = Binomial(random, count, weights[i] / left);
            count -= parts[i];
            left -= weights[i];
        }

        return parts;
    }
}
