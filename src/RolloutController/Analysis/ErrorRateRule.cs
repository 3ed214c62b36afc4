namespace RolloutController.Analysis;

/// <summary>What the user asked of a version's error rate.</summary>
/// <param name="Max">The highest error rate that is fine; a fraction, above 0 and at most 1.</param>
/// <param name="MinRequests">How many requests a step needs, instead of <see cref="RequestFloor"/>.</param>
/// <param name="Sensitivity">How likely a version that is fine is rolled back while steps run, at the most, over a whole rollout; above 0 and below 1.</param>
public sealed record ErrorRateRule(double Max, int? MinRequests = null, double Sensitivity = ErrorRateRule.DefaultSensitivity)
{
    /// <summary>One healthy rollout of twenty at the most; simulated, it is far fewer.</summary>
    public const double DefaultSensitivity = 0.05;

    /// <summary>
    /// Half as many errors again as the stable version has are tolerated: what cold caches, new connections and just-in-time compilation
    /// cost a fresh version.
    /// </summary>
    public const double DefaultTolerance = 1.5;
}

/// <summary>Where the rollout stands when evidence is judged.</summary>
/// <param name="Weight">The step's share of the traffic in percent, 1 to 100.</param>
/// <param name="FirstStep">Whether this is the first step.</param>
/// <param name="HoldDone">Whether the step has been held as long as the user asked for.</param>
/// <param name="PatienceSpent">Whether the time for doubt that follows the hold is over, too.</param>
/// <param name="NextLook">When the metrics are looked at next, for the message.</param>
/// <param name="Deadline">When the patience is spent, for the message; null where it does not run yet.</param>
public sealed record JudgementMoment(int Weight, bool FirstStep, bool HoldDone, bool PatienceSpent, DateTimeOffset? NextLook = null, DateTimeOffset? Deadline = null);
