using System.Globalization;

namespace RolloutController.Analysis;

/// <summary>Judges a version by its error rate, and beside the stable version. Pure.</summary>
public static class ErrorRateJudge
{
    /// <summary>The name of this check in verdicts and status.</summary>
    public const string Check = "errorRate";

    // One or two unlucky requests never decide, whatever the odds.
    private const long FewestErrors = 3;

    /// <summary>
    /// Judges; the first rule that fits decides. A breach fails at any look, whatever the last look brought: evidence
    /// does not go away when the provider does. Everything that is unknown holds, and a rate above the threshold
    /// never promotes: it fails at the end of the hold when chance cannot explain it, else when the patience is spent.
    /// </summary>
    /// <param name="rule">What the user asked for.</param>
    /// <param name="evidence">What the step has seen.</param>
    /// <param name="moment">Where the rollout stands.</param>
    public static Verdict Judge(ErrorRateRule rule, Evidence evidence, JudgementMoment moment)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(evidence);
        ArgumentNullException.ThrowIfNull(moment);

        var floor = RequestFloor.For(rule.Max, moment.Weight, moment.FirstStep, rule.MinRequests);
        var seen = $"{Seen(rule, evidence, floor)}{TooSlow(evidence, floor, moment)}{NextLook(moment)}";
        if (Breach(rule, evidence) is { } breach)
            return breach;
        if (evidence.Class != DataClass.Ok)
            return new Verdict.Hold(HoldClass(evidence.Class), $"{evidence.Message}{NextLook(moment)}");
        if (!moment.HoldDone)
            return new Verdict.Progressing(seen);
        if (evidence.Requests < floor)
            return new Verdict.Hold(VerdictClass.InsufficientData, $"too few requests to judge: {seen}");
        if (evidence.ErrorRate <= rule.Max)
            return new Verdict.Pass(Seen(rule, evidence, floor));
        if (Tail(rule, evidence) <= rule.Sensitivity)
            return AboveThreshold("ErrorRateBreached", rule, evidence, evidence.Requests, evidence.Errors, "more than chance explains");
        if (moment.PatienceSpent)
            return AboveThreshold("ErrorRateAboveThreshold", rule, evidence, evidence.Requests, evidence.Errors, "which may be chance, but it did not come down in time");
        return new Verdict.Hold(VerdictClass.Inconclusive, $"above the threshold, but maybe by chance: {seen}");
    }

    /// <summary>
    /// Evidence that ever reaches 1/α does so with a chance of α at the most while the version is fine, over all looks and steps
    /// together (see <see cref="SequentialEvidence"/>).
    /// </summary>
    private static Verdict.Fail? Breach(ErrorRateRule rule, Evidence evidence)
    {
        var sequential = evidence.Sequential;
        if (sequential.Errors < FewestErrors || sequential.Value(rule.Max, Dispersion.Discount(evidence.Dispersion)) < 1 / rule.Sensitivity)
            return null;
        return sequential.ErrorRate > rule.Max
            ? AboveThreshold("ErrorRateBreached", rule, evidence, sequential.Requests, sequential.Errors, "more than chance explains")
            : WorseThanStable(evidence);
    }

    /// <summary>How likely chance alone brings so many errors. Of errors that come in bursts, a burst counts as one: as many fewer requests are judged, too.</summary>
    private static double Tail(ErrorRateRule rule, Evidence evidence)
    {
        var discount = Dispersion.Discount(evidence.Dispersion);
        return BinomialTail.AtLeast((long)(discount * evidence.Errors), (long)(discount * evidence.Requests), rule.Max);
    }

    private static Verdict.Fail AboveThreshold(string reason, ErrorRateRule rule, Evidence evidence, long requests, long errors, string why)
    {
        var (value, threshold) = (Percent((double)errors / requests), PercentString.Format(rule.Max));
        var stable = evidence.StableErrorRate > rule.Max ? $"; the stable version is above it, too ({Percent(evidence.StableErrorRate)})" : "";
        return new Verdict.Fail(Check, reason, value, threshold, requests, errors, string.Create(
            CultureInfo.InvariantCulture,
            $"error rate {value} is above {threshold}: {Count(errors, "error")} in {Count(requests, "request")}, {why}{stable}"));
    }

    private static Verdict.Fail WorseThanStable(Evidence evidence)
    {
        var (value, stable) = (Percent(evidence.ErrorRate), Percent(evidence.StableErrorRate));
        return new Verdict.Fail(Check, "ErrorRateAboveStable", value, stable, evidence.Requests, evidence.Errors, string.Create(
            CultureInfo.InvariantCulture,
            $"error rate {value} is far above the {stable} of the stable version: {Count(evidence.Errors, "error")} in {Count(evidence.Requests, "request")}, more than chance explains"));
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

    /// <summary>Said at once, not when the time is over: that the step will not get its requests.</summary>
    private static string TooSlow(Evidence evidence, long floor, JudgementMoment moment)
    {
        if (moment.Deadline is not { } deadline || evidence.Requests == 0 || evidence.Requests >= floor || evidence.SampledAt is not { } last)
            return "";
        var perSecond = evidence.Requests / (last - evidence.Since).TotalSeconds;
        var missing = (floor - evidence.Requests) / perSecond;
        return missing <= (deadline - last).TotalSeconds ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"; at {perSecond:0.##} requests a second the rest takes {missing / 60:0} min, longer than the step may take: give it more weight or time, or set minRequests");
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
