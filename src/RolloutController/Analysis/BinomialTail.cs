using MathNet.Numerics;

namespace RolloutController.Analysis;

/// <summary>The upper tail of the binomial distribution.</summary>
public static class BinomialTail
{
    /// <summary>
    /// How likely <paramref name="requests"/> requests, each failing with <paramref name="probability"/>, show at least
    /// <paramref name="errors"/> errors: P(X ≥ k) = I_p(k, n - k + 1), the regularized incomplete beta function
    /// (NIST DLMF 8.17.5, https://dlmf.nist.gov/8.17#E5). Exact, not a normal approximation.
    /// </summary>
    /// <param name="errors">How many errors were seen; 0 or more.</param>
    /// <param name="requests">How many requests were seen; 0 or more.</param>
    /// <param name="probability">How likely one request is to fail, 0 to 1.</param>
    /// <returns>A probability, 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static double AtLeast(long errors, long requests, double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(errors);
        ArgumentOutOfRangeException.ThrowIfNegative(requests);
        if (probability is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies between 0 and 1.");

        if (errors == 0)
            return 1;
        return errors > requests ? 0 : SpecialFunctions.BetaRegularized(errors, requests - errors + 1, probability);
    }
}
