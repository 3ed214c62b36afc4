using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>What the user asked of the share of a version's requests that fail, or are bad in another way.</summary>
/// <param name="Max">The highest share that is fine; a fraction, above 0 and at most 1.</param>
/// <param name="MinRequests">How many requests a step needs, instead of <see cref="RequestFloor"/>.</param>
/// <param name="Sensitivity">How likely a version that is fine is rolled back by this rule while steps run, at the most, over a whole rollout; above 0 and below 1.</param>
public sealed record ErrorRateRule(double Max, int? MinRequests = null, double Sensitivity = ErrorRateRule.DefaultSensitivity)
{
    /// <summary>One healthy rollout of twenty at the most; simulated, it is far fewer.</summary>
    public const double DefaultSensitivity = 0.05;

    /// <summary>
    /// Half as many errors again as the stable version has are tolerated: what cold caches, new connections and just-in-time compilation
    /// cost a fresh version.
    /// </summary>
    public const double DefaultTolerance = 1.5;

    /// <summary>The name of the check, in verdicts and status.</summary>
    public string Check { get; init; } = ErrorRateJudge.Check;

    /// <summary>How it is spoken of.</summary>
    public CountWording Wording { get; init; } = CountWording.Errors;

    /// <summary>The share above which the weight stays and people are told; a fraction below <see cref="Max"/>, null for none.</summary>
    public double? Warning { get; init; }

    /// <summary>How many times the odds of a bad request may be those of the stable version; 1 or more.</summary>
    public double Tolerance { get; init; } = DefaultTolerance;

    /// <summary>What is done while nothing is known.</summary>
    public NoDataAction OnNoData { get; init; }

    /// <summary>The rule of the analysis' own error rate, as it is written.</summary>
    /// <param name="analysis">The analysis.</param>
    /// <param name="rate">Its error rate.</param>
    /// <exception cref="FormatException">A percent string is none.</exception>
    public static ErrorRateRule Of(AnalysisSpec analysis, ErrorRateSpec rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return new(PercentString.Parse(rate.Max), rate.MinRequests, Share(analysis))
        {
            Warning = Optional(rate.Warning),
            Tolerance = PercentString.ParseIncrease(rate.Tolerance),
            OnNoData = rate.OnNoData,
        };
    }

    /// <summary>The rule of a check that counts requests, as it is written.</summary>
    /// <param name="analysis">The analysis.</param>
    /// <param name="check">One of its checks.</param>
    /// <exception cref="FormatException">A percent string is none.</exception>
    public static ErrorRateRule Of(AnalysisSpec analysis, CheckSpec check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return (check switch
        {
            { ErrorRate: { } rate } => Of(analysis, rate),
            { Latency: { } latency } => new(PercentString.Parse(latency.Max), latency.MinRequests, Share(analysis))
            {
                Wording = CountWording.SlowerThan(latency.SlowerThan),
                Warning = Optional(latency.Warning),
                Tolerance = PercentString.ParseIncrease(latency.Tolerance),
            },
            _ => throw new ArgumentException($"The check {check.Name} counts no requests.", nameof(check)),
        }) with
        { Check = check.Name, OnNoData = check.OnNoData };
    }

    /// <summary>Its part of the sensitivity: each rule is wrong with a chance of its part at the most, so all of them together with that of the whole.</summary>
    private static double Share(AnalysisSpec analysis)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        var rules = (analysis.ErrorRate is null ? 0 : 1) + analysis.Checks.Count(check => check.IsCounted);
        return (analysis.ErrorRate is { } rate ? PercentString.Parse(rate.Sensitivity) : DefaultSensitivity) / rules;
    }

    private static double? Optional(string? percent) => percent is null ? null : PercentString.Parse(percent);
}

/// <summary>How counted requests are spoken of.</summary>
/// <param name="Reason">What reasons begin with, such as <c>ErrorRate</c>.</param>
/// <param name="Rate">What is judged, such as <c>error rate</c>.</param>
/// <param name="Noun">What is counted, such as <c>error</c>.</param>
public sealed record CountWording(string Reason, string Rate, string Noun)
{
    /// <summary>Whether what the last look said is told beside the counts.</summary>
    public bool TellsLook { get; init; }

    /// <summary>Of requests that failed.</summary>
    public static CountWording Errors { get; } = new(RollbackReasons.ErrorRate, "error rate", "error");

    /// <summary>Of requests that took too long.</summary>
    /// <param name="bound">Longer than this.</param>
    public static CountWording SlowerThan(TimeSpan bound) => new(RollbackReasons.Latency, $"rate of requests slower than {GatewayDuration.Format(bound)}", "slow request") { TellsLook = true };
}

/// <summary>Where the rollout stands when evidence is judged.</summary>
/// <param name="Weight">The step's share of the traffic in percent, 1 to 100.</param>
/// <param name="FirstStep">Whether this is the first step.</param>
/// <param name="HoldDone">Whether the step has been held as long as the user asked for.</param>
/// <param name="PatienceSpent">Whether the time for doubt that follows the hold is over, too.</param>
/// <param name="NextLook">When the metrics are looked at next, for the message.</param>
/// <param name="Deadline">When the patience is spent, for the message; null where it does not run yet.</param>
public sealed record JudgementMoment(int Weight, bool FirstStep, bool HoldDone, bool PatienceSpent, DateTimeOffset? NextLook = null, DateTimeOffset? Deadline = null)
{
    /// <summary>The time; null where nothing has to be waited for.</summary>
    public DateTimeOffset? Now { get; init; }
}
