using System.Globalization;
using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>What all checks together say about a version: the worst of their verdicts.</summary>
internal static class Judgement
{
    private const int LongestMessage = 1500;

    /// <summary>Judges a step.</summary>
    public static Verdict OfStep(Observation seen, Progressing step)
    {
        if (seen.Spec.Analysis is not { } analysis)
            return new Verdict.Pass("pods are ready");
        var moment = Moment(seen, step);
        var evidence = seen.Evidence ?? Evidence.StartingAt(seen.Now);
        return Together([
            .. analysis.ErrorRate is { } rate ? [OfCounts(seen, ErrorRateRule.Of(analysis, rate with { Max = seen.Spec.MaxErrorRateIn(step.Stage)! }), analysis.Interval, evidence, moment)] : Array.Empty<Verdict>(),
            .. analysis.Checks.Select(check => OfCheck(seen, analysis, check, evidence, moment)),
        ]);
    }

    /// <summary>Judges gates: there is no time that they have to be held for.</summary>
    public static Verdict OfGates(Observation seen, IEnumerable<CheckSpec> gates)
    {
        var evidence = seen.Evidence ?? Evidence.StartingAt(seen.Now);
        var moment = new JudgementMoment(1, FirstStep: true, HoldDone: true, PatienceSpent: false);
        return Together([.. gates.Select(gate => OfCheck(seen, CheckRule.Of(gate, Gates.Interval(seen.Spec)), evidence, moment))]);
    }

    /// <summary>A failure decides, then what holds, then what takes its time; a pass is one of all.</summary>
    private static Verdict Together(IReadOnlyList<Verdict> verdicts) => verdicts switch
    {
        [] => new Verdict.Pass("pods are ready"),
        [var only] => only,
        _ when verdicts.OfType<Verdict.Fail>().FirstOrDefault() is { } fail => fail,
        // A warning names it, as long as it lasts: it is told when it begins, not whenever another check has found its requests.
        _ when verdicts.OfType<Verdict.Hold>().OrderBy(hold => hold.Class != VerdictClass.Warning).FirstOrDefault() is { } hold =>
            new Verdict.Hold(hold.Class, Messages(verdicts.OfType<Verdict.Hold>())),
        _ when verdicts.Any(verdict => verdict is Verdict.Progressing) => new Verdict.Progressing(Messages(verdicts)),
        _ => new Verdict.Pass(Messages(verdicts)),
    };

    private static Verdict OfCheck(Observation seen, CheckRule rule, Evidence evidence, JudgementMoment moment) =>
        CheckJudge.Judge(rule, evidence.Checks.Find(rule.Name), moment, seen.Now);

    private static Verdict OfCheck(Observation seen, AnalysisSpec analysis, CheckSpec check, Evidence evidence, JudgementMoment moment)
    {
        if (!check.IsCounted)
            return OfCheck(seen, CheckRule.Of(check, analysis.Interval), evidence, moment);
        var counted = evidence.Counts.Find(check.Name) ?? Evidence.StartingAt(evidence.Since);
        return OfCounts(seen, ErrorRateRule.Of(analysis, check), check.Interval ?? analysis.Interval, counted, moment);
    }

    /// <summary>
    /// Matched requests are as many as people send: that there are few says nothing, and no weight rests on them. The first step with a weight
    /// has to see its own.
    /// </summary>
    private static Verdict OfCounts(Observation seen, ErrorRateRule rule, TimeSpan interval, Evidence evidence, JudgementMoment moment) =>
        ErrorRateJudge.Judge(rule, Fresh(seen, interval, evidence), moment with { NextLook = evidence.SampledAt + interval, Now = seen.Now }) switch
        {
            Verdict.Hold { Class: VerdictClass.NoData or VerdictClass.InsufficientData } few when moment.Weight == 0 && evidence.SampledAt is not null =>
                moment.HoldDone ? new Verdict.Pass(few.Message) : new Verdict.Progressing(few.Message),
            var verdict => verdict,
        };

    private static JudgementMoment Moment(Observation seen, Progressing step)
    {
        var holdsUntil = step.Since + seen.Spec.HoldAt(step);
        var judging = step.IsJudged;
        return new JudgementMoment(
            step.Weight,
            seen.Spec.IsFirst(step.Weight),
            judging && seen.Now >= holdsUntil,
            judging && seen.Now >= holdsUntil + seen.Spec.ProgressDeadline && !step.Frozen,
            NextLook: null,
            judging ? holdsUntil + seen.Spec.ProgressDeadline : null);
    }

    /// <summary>The evidence, called stale when no look came through for three intervals: a sampler that hangs promotes nothing.</summary>
    private static Evidence Fresh(Observation seen, TimeSpan interval, Evidence evidence)
    {
        return evidence is { Class: DataClass.Ok, SampledAt: { } at } && seen.Now - at > Staleness.Limit(interval)
            ? evidence with { Class = DataClass.Stale, UnknownSince = at, Message = string.Create(CultureInfo.InvariantCulture, $"the last look at the metrics was at {at.UtcDateTime:HH:mm:ss}") }
            : evidence;
    }

    /// <summary>
    /// Whether a look is not back half an interval after it was due: it may be the one that sees the harm. What the look before saw is of the
    /// step before, too, where the hold is short.
    /// </summary>
    public static bool IsLookOverdue(Observation seen) => seen is { Spec.Analysis: { } analysis, Evidence: { } evidence }
        && LastLooks(analysis, evidence).Any(look => seen.Now - look.At > 1.5 * look.Interval);

    /// <summary>A Job that has ended is not looked at again.</summary>
    private static IEnumerable<(DateTimeOffset? At, TimeSpan Interval)> LastLooks(AnalysisSpec analysis, Evidence evidence)
    {
        if (analysis.ErrorRate is not null)
            yield return (evidence.SampledAt, analysis.Interval);
        foreach (var check in analysis.Checks.Where(check => check.Job is null))
            yield return (check.IsCounted ? evidence.Counts.Find(check.Name)?.SampledAt : evidence.Checks.Find(check.Name)?.SampledAt, check.Interval ?? analysis.Interval);
    }

    private static string Messages(IEnumerable<Verdict> verdicts) => StatusBounds.Cut(string.Join("; ", verdicts.Select(verdict => verdict.Message)), LongestMessage);
}
