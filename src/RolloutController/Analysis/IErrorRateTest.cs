namespace RolloutController.Analysis;

/// <summary>Decides whether evidence shows an error rate above the threshold, and not just bad luck. Pure.</summary>
public interface IErrorRateTest
{
    /// <summary>Whether the threshold is breached beyond what chance explains.</summary>
    /// <param name="evidence">What the step has seen.</param>
    /// <param name="maxErrorRate">The highest error rate that is fine; a fraction, above 0 and at most 1.</param>
    /// <param name="moment">Whether this is one of many looks or the one at the end.</param>
    bool IsBreach(Evidence evidence, double maxErrorRate, TestMoment moment);
}

/// <summary>When evidence is tested; many looks need a stricter test than one.</summary>
public enum TestMoment
{
    /// <summary>One of the looks while the step holds.</summary>
    Interim,

    /// <summary>The step's hold is over.</summary>
    EndOfHold,
}
