using System.Globalization;

namespace RolloutController.Analysis;

/// <summary>Judges a version by its error rate. Pure.</summary>
/// <param name="test">Tells a breach from bad luck.</param>
public sealed class ErrorRateJudge(IErrorRateTest test)
{
    /// <summary>The name of this check in verdicts and status.</summary>
    public const string Check = "errorRate";

    /// <summary>The judge with the exact binomial test.</summary>
    public static ErrorRateJudge Default { get; } = new(new ExactBinomialTest());

    /// <summary>
    /// Judges; the first rule that fits decides. A breach fails at any look, whatever the last look brought: evidence
    /// does not go away when the provider does. Everything that is unknown holds, and a rate above the threshold
    /// never promotes: it fails at once when chance cannot explain it, else when the patience is spent.
    /// </summary>
    /// <param name="rule">What the user asked for.</param>
    /// <param name="evidence">What the step has seen.</param>
    /// <param name="moment">Where the rollout stands.</param>
    public Verdict Judge(ErrorRateRule rule, Evidence evidence, JudgementMoment moment)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(moment);

        var floor = RequestFloor.For(rule.Max, moment.Weight, moment.FirstStep, rule.MinRequests);
        var seen = $"{Seen(rule, evidence, floor)}{NextLook(moment)}";
        if (test.IsBreach(evidence, rule.Max, TestMoment.Interim))
            return Fail("ErrorRateBreached", rule, evidence, "more than chance explains");
        if (evidence.Class != DataClass.Ok)
            return new Verdict.Hold(HoldClass(evidence.Class), $"{evidence.Message}{NextLook(moment)}");
        if (!moment.HoldDone)
            return new Verdict.Progressing(seen);
        if (evidence.Requests < floor)
            return new Verdict.Hold(VerdictClass.InsufficientData, $"too few requests to judge: {seen}");
        if (evidence.ErrorRate <= rule.Max)
            return new Verdict.Pass(Seen(rule, evidence, floor));
        if (test.IsBreach(evidence, rule.Max, TestMoment.EndOfHold))
            return Fail("ErrorRateBreached", rule, evidence, "more than chance explains");
        if (moment.PatienceSpent)
            return Fail("ErrorRateAboveThreshold", rule, evidence, "which may be chance, but it did not come down in time");
        return new Verdict.Hold(VerdictClass.Inconclusive, $"above the threshold, but maybe by chance: {seen}");
    }

    private static Verdict.Fail Fail(string reason, ErrorRateRule rule, Evidence evidence, string why)
    {
        var (value, threshold) = (Percent(evidence.ErrorRate), PercentString.Format(rule.Max));
        return new Verdict.Fail(Check, reason, value, threshold, evidence.Requests, evidence.Errors, string.Create(
            CultureInfo.InvariantCulture,
            $"error rate {value} is above {threshold}: {Count(evidence.Errors, "error")} in {Count(evidence.Requests, "request")}, {why}"));
    }

    private static string Seen(ErrorRateRule rule, Evidence evidence, long floor)
    {
        // "1,800 of 1,597" would read like a mistake.
        var judged = evidence.Requests < floor
            ? string.Create(CultureInfo.InvariantCulture, $"{evidence.Requests:N0} of {Count(floor, "request")} judged")
            : $"{Count(evidence.Requests, "request")} judged";
        var rate = evidence.Requests == 0 ? "" : $"{Percent(evidence.ErrorRate)}, ";
        return $"{judged}, {Count(evidence.Errors, "error")} ({rate}at most {PercentString.Format(rule.Max)})";
    }

    private static string NextLook(JudgementMoment moment) => moment.NextLook is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"; next look {time.UtcDateTime:HH:mm:ss}")
        : "";

    private static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    // Two decimals say enough, except where they would say 0 for a rate that is not 0.
    private static string Percent(double rate) => PercentString.Format(rate, rate < 0.0001 ? 4 : 2);

    private static VerdictClass HoldClass(DataClass data) => data switch
    {
        DataClass.NoData => VerdictClass.NoData,
        DataClass.Stale => VerdictClass.Stale,
        DataClass.ProviderError => VerdictClass.ProviderError,
        DataClass.ConfigError => VerdictClass.ConfigError,
        _ => throw new ArgumentOutOfRangeException(nameof(data), data, "Fresh counts are judged, not held."),
    };
}
