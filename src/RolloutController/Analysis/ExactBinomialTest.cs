namespace RolloutController.Analysis;

/// <summary>
/// The exact one-sided binomial test: would a version whose error rate is just the threshold show this many errors?
/// </summary>
/// <remarks>
/// Looking again and again makes chance look like a breach: one-sided tests at 0.05 every minute for an hour raise 19 %
/// false alarms. So a look before the end needs a tail of at most 0.001, which keeps fifty looks together at 0.05
/// (Bonferroni; the default step takes four), and at least three errors, so that one or two unlucky requests never
/// decide. A version that fails every request is still caught by its third one, at any threshold up to 10 %.
/// </remarks>
public sealed class ExactBinomialTest : IErrorRateTest
{
    private const double InterimTail = 0.001;
    private const double EndTail = 0.05;
    private const long InterimErrors = 3;

    /// <inheritdoc/>
    public bool IsBreach(Evidence evidence, double maxErrorRate, TestMoment moment)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        if (evidence.ErrorRate <= maxErrorRate)
            return false;

        var tail = BinomialTail.AtLeast(evidence.Errors, evidence.Requests, maxErrorRate);
        return moment == TestMoment.EndOfHold
            ? tail <= EndTail
            : evidence.Errors >= InterimErrors && tail <= InterimTail;
    }
}
