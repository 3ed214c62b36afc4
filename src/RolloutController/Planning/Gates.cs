using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// The runbook before a new version gets its first request. Gates that need nothing of it come first, while nothing is changed at all;
/// those that ask its pods come when these are up, without traffic.
/// </summary>
internal static class Gates
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);

    /// <summary>The stage in which a rollout begins.</summary>
    public static StepStage First(RolloutSpec spec) =>
        Before(spec).Any() ? StepStage.Gating : Preview(spec).Any() ? StepStage.Previewing : StepStage.Raising;

    /// <summary>The gates before there are pods.</summary>
    public static IEnumerable<CheckSpec> Before(RolloutSpec spec) => spec.Gates.Where(gate => !gate.AsksPods);

    /// <summary>The gates that ask the new pods.</summary>
    public static IEnumerable<CheckSpec> Preview(RolloutSpec spec) => spec.Gates.Where(gate => gate.AsksPods);

    /// <summary>The gates of a stage.</summary>
    public static IEnumerable<CheckSpec> Of(RolloutSpec spec, StepStage stage) => stage switch
    {
        StepStage.Gating => Before(spec),
        StepStage.Previewing => Preview(spec),
        _ => [],
    };

    /// <summary>The time between two looks of a gate that names none.</summary>
    public static TimeSpan Interval(RolloutSpec spec) => spec.Analysis?.Interval ?? DefaultInterval;

    /// <summary>Waits for the gates before there are pods; nothing is changed meanwhile.</summary>
    public static Decision Gate(Observation seen, Progressing step, Verdict judgement) =>
        judgement is Verdict.Pass && !step.Frozen ? Next(seen, step) : Waits(seen, step, judgement, []);

    /// <summary>Brings the first pods up, where no client reaches them, and waits for the gates that ask them.</summary>
    public static Decision Look(Observation seen, Progressing step, Verdict judgement)
    {
        var needed = StepPlanner.NeededPods(seen, step);
        var set = seen.Find(step.Canary);
        var effects = StepPlanner.Keep(seen, step);
        var ready = Math.Min(set?.SureAvailable ?? 0, seen.Traffic?.CanaryReady(step.Canary) ?? 0);
        if (ready < needed || effects.Count > 0)
        {
            return Waits(seen, step, judgement, effects) with
            {
                Reason = step.Frozen ? "Paused" : "WaitingForPods",
                Message = $"before any traffic: {ready} of {Count.Pods(needed)} of {step.Canary} ready{StepPlanner.Trouble(set)}",
            };
        }

        return judgement is Verdict.Pass && !step.Frozen ? Next(seen, step) : Waits(seen, step, judgement, effects);
    }

    private static Decision Next(Observation seen, Progressing step)
    {
        if (RolloutWindows.Awaited(seen, step.Stable) is { } opening)
        {
            return new Decision(step)
            {
                Reason = "OutsideWindow",
                Message = $"before any traffic: passed; goes on in the next of spec.windows, which opens {opening.Text}",
                WakeAt = opening.At,
            };
        }

        var next = step.Stage == StepStage.Gating && Preview(seen.Spec).Any() ? StepStage.Previewing : StepStage.Raising;
        return new Decision(step with { Stage = next, Since = seen.Now, Skip = next == StepStage.Previewing ? step.Skip : Skipping.After(step) })
        {
            Evidence = Evidence.StartingAt(seen.Now),
            Notices = step.Skip is not null ? [] : [new Notice(EventReason.GatesPassed, $"{step.Canary} passed: {string.Join(", ", Of(seen.Spec, step.Stage).Select(gate => gate.Name))}")],
        };
    }

    private static Decision Waits(Observation seen, Progressing step, Verdict judgement, IReadOnlyList<Effect> effects)
    {
        var deadline = step.Since + seen.Spec.ProgressDeadline;
        return new Decision(step)
        {
            Effects = effects,
            Phase = step.Frozen ? Phase.Paused : Phase.Progressing,
            Reason = step.Frozen ? "Paused" : judgement is Verdict.Hold { Class: not VerdictClass.NoData } hold ? hold.Class.ToString() : "WaitingForGates",
            Stalled = !step.Frozen && seen.Now >= deadline,
            Message = step.Frozen ? $"frozen before any traffic, because spec.paused is true; {judgement.Message}" : $"before any traffic: {judgement.Message}",
            WakeAt = seen.Now < deadline ? deadline : null,
        };
    }
}
