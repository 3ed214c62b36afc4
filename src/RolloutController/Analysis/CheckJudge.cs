using System.Globalization;
using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>Judges a version by what the looks of one check found. Pure.</summary>
public static class CheckJudge
{
    /// <summary>How long nothing may be known before <see cref="NoDataAction.Rollback"/> takes the version back.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    /// <summary>Takes a look in. One that was taken in already changes nothing: a pass that runs twice counts once.</summary>
    /// <param name="rule">The check.</param>
    /// <param name="finding">What it found so far; null before the first look.</param>
    /// <param name="look">The look.</param>
    public static CheckFinding Add(CheckRule rule, CheckFinding? finding, CheckLook look)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(look);
        finding ??= new CheckFinding { Name = rule.Name };
        return look.Time <= finding.SampledAt ? finding : look switch
        {
            CheckLook.Unknown unknown => Unknown(finding, unknown, unknown.Class),
            CheckLook.Measured alone when rule.Limits.CannotJudge(alone) => Unknown(finding, alone, DataClass.NoData),
            CheckLook.Pending => finding with { Class = nameof(DataClass.Ok), Message = look.Message, SampledAt = look.Time, UnknownSince = null },
            CheckLook.Measured measured when rule.Limits.Judge(measured) is var (level, threshold) =>
                Known(finding, look, level, CheckNumber.Format(measured.Value), threshold),
            CheckLook.Failed => Known(finding, look, CheckLevel.Critical, null, null),
            _ => Known(finding, look, CheckLevel.Normal, null, null),
        };
    }

    /// <summary>The finding at the beginning of a further step: it needs looks of its own, and what lasts goes on lasting.</summary>
    public static CheckFinding AtNextStep(CheckFinding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding with { Samples = 0 };
    }

    /// <summary>
    /// Judges; the first rule that fits decides. What was critical for long enough fails, whatever the last look brought.
    /// </summary>
    /// <param name="rule">The check.</param>
    /// <param name="finding">What it found so far; null before the first look.</param>
    /// <param name="moment">Where the rollout stands.</param>
    /// <param name="now">The time.</param>
    public static Verdict Judge(CheckRule rule, CheckFinding? finding, JudgementMoment moment, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(moment);
        if (finding is null)
            return rule.OnNoData == NoDataAction.Ignore ? Ignored(rule, "no look yet") : new Verdict.Hold(VerdictClass.NoData, $"{rule.Name}: no look yet");
        if (finding is { Level: CheckLevel.Critical, LevelSince: { } since } && finding.Looks >= rule.Failures && finding.KnownAt - since >= rule.For)
            return Failed(rule, finding, since);
        finding = Fresh(rule, finding, now);
        if (finding.UnknownSince is { } unknown)
            return Unknown(rule, finding, unknown, now);
        if (finding.Level != CheckLevel.Normal)
            return new Verdict.Hold(VerdictClass.Warning, $"{rule.Name} is {Word(finding.Level)}: {finding.Message}{Patience(rule, finding)}");
        if (!moment.HoldDone)
            return new Verdict.Progressing($"{rule.Name}: {finding.Message}");
        return finding.Samples < rule.MinSamples
            ? new Verdict.Hold(VerdictClass.InsufficientData, $"{rule.Name}: {finding.Message}{Missing(rule, finding)}")
            : new Verdict.Pass($"{rule.Name}: {finding.Message}");
    }

    /// <summary>Unknown is neither good nor bad: what lasts goes on lasting, and is not counted further.</summary>
    private static CheckFinding Unknown(CheckFinding finding, CheckLook look, DataClass found) => finding with
    {
        Class = found.ToString(),
        Message = look.Message,
        SampledAt = look.Time,
        UnknownSince = finding.UnknownSince ?? look.Time,
    };

    private static CheckFinding Known(CheckFinding finding, CheckLook look, CheckLevel level, string? value, string? threshold)
    {
        var lasts = finding.Level == level && finding.LevelSince is not null;
        return finding with
        {
            Level = level,
            Looks = lasts ? finding.Looks + 1 : 1,
            LevelSince = lasts ? finding.LevelSince : look.Time,
            Samples = finding.Samples + 1,
            Value = value,
            Threshold = threshold,
            Class = nameof(DataClass.Ok),
            KnownAt = look.Time,
            UnknownSince = null,
            Message = look.Message,
            SampledAt = look.Time,
        };
    }

    private static Verdict.Fail Failed(CheckRule rule, CheckFinding finding, DateTimeOffset since) => new(
        rule.Name,
        finding.Value is null ? RollbackReasons.CheckFailed : RollbackReasons.LimitExceeded,
        finding.Value ?? "failed",
        finding.Threshold ?? "",
        Requests: null,
        Errors: null,
        $"{rule.Name}: {finding.Message}{(finding.Threshold is { } threshold ? $", {threshold} is fine" : "")}" +
        (finding.Looks > 1 ? string.Create(CultureInfo.InvariantCulture, $"; {finding.Looks} looks in a row, since {since.UtcDateTime:HH:mm:ss}") : ""));

    private static Verdict Unknown(CheckRule rule, CheckFinding finding, DateTimeOffset since, DateTimeOffset now) => rule.OnNoData switch
    {
        NoDataAction.Ignore => Ignored(rule, finding.Message),
        NoDataAction.Rollback when now - since >= Grace => new Verdict.Fail(
            rule.Name, RollbackReasons.NoData, "unknown", "", Requests: null, Errors: null,
            string.Create(CultureInfo.InvariantCulture, $"{rule.Name}: nothing is known since {since.UtcDateTime:HH:mm:ss}, and onNoData is Rollback: {finding.Message}")),
        _ => new Verdict.Hold(
            Enum.TryParse<VerdictClass>(finding.Class, out var known) ? known : VerdictClass.NoData, $"{rule.Name}: {finding.Message}"),
    };

    private static Verdict.Pass Ignored(CheckRule rule, string message) => new($"{rule.Name} is not known and ignored: {message}");

    /// <summary>The finding, called stale when no look came through for three intervals: a check that hangs promotes nothing.</summary>
    private static CheckFinding Fresh(CheckRule rule, CheckFinding finding, DateTimeOffset now) =>
        finding is { UnknownSince: null, SampledAt: { } last } && now - last > Staleness.Limit(rule.Interval)
            ? finding with
            {
                Class = nameof(DataClass.Stale),
                UnknownSince = last,
                Message = string.Create(CultureInfo.InvariantCulture, $"the last look was at {last.UtcDateTime:HH:mm:ss}"),
            }
            : finding;

    private static string Word(CheckLevel level) => level == CheckLevel.Critical ? "critical" : "at the warning level";

    private static string Missing(CheckRule rule, CheckFinding finding) =>
        finding.Samples == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {finding.Samples} of {rule.MinSamples} looks");

    /// <summary>What a critical check waits for.</summary>
    private static string Patience(CheckRule rule, CheckFinding finding) => finding.Level != CheckLevel.Critical ? ""
        : finding.Looks < rule.Failures ? $"; {finding.Looks} of {rule.Failures} looks in a row"
        : $"; rolls back when it lasts for {GatewayDuration.Format(rule.For)}";
}
