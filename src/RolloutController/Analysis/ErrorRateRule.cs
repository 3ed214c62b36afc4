namespace RolloutController.Analysis;

/// <summary>What the user asked of a version's error rate.</summary>
/// <param name="Max">The highest error rate that is fine; a fraction, above 0 and at most 1.</param>
/// <param name="MinRequests">How many requests a step needs, instead of <see cref="RequestFloor"/>.</param>
public sealed record ErrorRateRule(double Max, int? MinRequests = null);

/// <summary>Where the rollout stands when evidence is judged.</summary>
/// <param name="Weight">The step's share of the traffic in percent, 1 to 100.</param>
/// <param name="FirstStep">Whether this is the first step.</param>
/// <param name="HoldDone">Whether the step has been held as long as the user asked for.</param>
/// <param name="PatienceSpent">Whether the time for doubt that follows the hold is over, too.</param>
/// <param name="NextLook">When the metrics are looked at next, for the message.</param>
public sealed record JudgementMoment(int Weight, bool FirstStep, bool HoldDone, bool PatienceSpent, DateTimeOffset? NextLook = null);
