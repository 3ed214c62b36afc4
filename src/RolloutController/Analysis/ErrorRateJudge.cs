using System.Globalization;
using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>Judges a version by the share of its requests that fail, or are bad in another way, and beside the stable version. Pure.</summary>
public static class ErrorRateJudge
{
    /// <summary>The name of the analysis' own error rate in verdicts and status.</summary>
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
            return Unknown(rule, evidence, moment);
        var enough = moment.HoldDone && evidence.Requests >= floor;
        if (enough && evidence.ErrorRate > rule.Max)
            return Above(rule, evidence, moment, seen);
        if (rule.Warning is { } warning && (IsAgainst(warning, rule, evidence) || (enough && evidence.ErrorRate > warning)))
            return new Verdict.Hold(VerdictClass.Warning, $"{Prefix(rule)}{rule.Wording.Rate} above the warning level of {PercentString.Format(warning)}: {seen}");
        if (!moment.HoldDone)
            return new Verdict.Progressing($"{Prefix(rule)}{seen}");
        return enough
            ? new Verdict.Pass($"{Prefix(rule)}{Seen(rule, evidence, floor)}")
            : new Verdict.Hold(VerdictClass.InsufficientData, $"{Prefix(rule)}too few requests to judge: {seen}");
    }

    private static Verdict Unknown(ErrorRateRule rule, Evidence evidence, JudgementMoment moment) => rule.OnNoData switch
    {
        // Before the first look nothing was asked, so there is nothing to leave out.
        NoDataAction.Ignore when evidence.SampledAt is not null => new Verdict.Pass($"{rule.Check} is not known and ignored: {evidence.Message}"),
        NoDataAction.Rollback when moment.Now - evidence.UnknownSince >= CheckJudge.Grace => new Verdict.Fail(
            rule.Check, RollbackReasons.NoData, "unknown", "", evidence.Requests, evidence.Errors,
            string.Create(CultureInfo.InvariantCulture, $"{rule.Check}: nothing is known since {evidence.UnknownSince!.Value.UtcDateTime:HH:mm:ss}, and onNoData is Rollback: {evidence.Message}")),
        _ => new Verdict.Hold(HoldClass(evidence.Class), $"{Prefix(rule)}{evidence.Message}{NextLook(moment)}"),
    };

    private static Verdict Above(ErrorRateRule rule, Evidence evidence, JudgementMoment moment, string seen)
    {
        if (Tail(rule, evidence) <= rule.Sensitivity)
            return AboveThreshold(RollbackReasons.Breached, rule, evidence, evidence.Requests, evidence.Errors, "more than chance explains");
        return moment.PatienceSpent
            ? AboveThreshold(RollbackReasons.AboveThreshold, rule, evidence, evidence.Requests, evidence.Errors, "which may be chance, but it did not come down in time")
            : new Verdict.Hold(VerdictClass.Inconclusive, $"{Prefix(rule)}above the threshold, but maybe by chance: {seen}");
    }

    /// <summary>Whether the whole rollout speaks against a rate.</summary>
    private static bool IsAgainst(double rate, ErrorRateRule rule, Evidence evidence) =>
        evidence.Sequential is { Errors: >= FewestErrors } sequential && sequential.ErrorRate > rate
        && sequential.AgainstRate(rate, Dispersion.Discount(evidence.Dispersion)) >= 1 / rule.Sensitivity;

    /// <summary>
    /// Evidence that ever reaches 1/α does so with a chance of α at the most while the version is fine, over all looks and steps
    /// together (see <see cref="SequentialEvidence"/>).
    /// </summary>
    private static Verdict.Fail? Breach(ErrorRateRule rule, Evidence evidence)
    {
        var (sequential, discount) = (evidence.Sequential, Dispersion.Discount(evidence.Dispersion));
        if (sequential.Errors < FewestErrors || sequential.Value(rule.Max, discount) < 1 / rule.Sensitivity)
            return null;
        var (requests, errors) = sequential.Worst(rule.Max, discount);
        return errors > rule.Max * requests
            ? AboveThreshold(RollbackReasons.Breached, rule, evidence, requests, errors, "more than chance explains")
            : WorseThanStable(rule, evidence);
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
        return new Verdict.Fail(rule.Check, rule.Wording.Reason + reason, value, threshold, requests, errors, string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix(rule)}{rule.Wording.Rate} {value} is above {threshold}: {Count(errors, rule.Wording.Noun)} in {Count(requests, "request")}, {why}{stable}"));
    }

    private static Verdict.Fail WorseThanStable(ErrorRateRule rule, Evidence evidence)
    {
        var (value, stable) = (Percent(evidence.ErrorRate), Percent(evidence.StableErrorRate));
        return new Verdict.Fail(rule.Check, rule.Wording.Reason + RollbackReasons.AboveStable, value, stable, evidence.Requests, evidence.Errors, string.Create(
            CultureInfo.InvariantCulture,
            $"{Prefix(rule)}{rule.Wording.Rate} {value} is far above the {stable} of the stable version: {Count(evidence.Errors, rule.Wording.Noun)} in {Count(evidence.Requests, "request")}, more than chance explains"));
    }

    private static string Seen(ErrorRateRule rule, Evidence evidence, long floor)
    {
        // "1,800 of 1,597" would read like a mistake.
        var judged = evidence.Requests < floor
            ? string.Create(CultureInfo.InvariantCulture, $"{evidence.Requests:N0} of {Count(floor, "request")} judged")
            : $"{Count(evidence.Requests, "request")} judged";
        var rate = evidence.Requests == 0 ? "" : $"{Percent(evidence.ErrorRate)}, ";
        var more = rule.Wording.TellsLook && evidence is { Class: DataClass.Ok, SampledAt: not null, Message.Length: > 0 } ? $"; {evidence.Message}" : "";
        return $"{judged}, {Count(evidence.Errors, rule.Wording.Noun)} ({rate}at most {PercentString.Format(rule.Max)}{more})";
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

    /// <summary>A message says which check it is of, where there may be several.</summary>
    private static string Prefix(ErrorRateRule rule) => rule.Check == Check ? "" : $"{rule.Check}: ";

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
