using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// Calls a person where the controller cannot go on by itself, once, when that begins: the conditions of the last status say what has been
/// told. What a runbook tells by itself, such as a rollback or a spec that cannot be carried out, is not told again here.
/// </summary>
internal static class Attention
{
    /// <summary>How long the pods that have the traffic may all be away: one of one that moves to another node is no outage.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Whether a condition with this reason says that people were told, so that it has to be written at once.</summary>
    public static bool IsToldOnce(string reason) =>
        reason is nameof(EventReason.NoReadyPods) or nameof(EventReason.RollbackBlocked) or nameof(VerdictClass.Warning) or nameof(VerdictClass.ConfigError);

    /// <summary>The decision, which says so where no version has a ready pod.</summary>
    public static Decision Marked(Observation seen, Decision decision)
    {
        if (seen.Replicas == 0 || seen.Rollout.DeletedAt is not null || seen.Revisions.Any(set => set.Ready > 0))
            return decision;
        return DownSince(seen, decision) switch
        {
            null => decision,
            { } since when seen.Now < since => decision with { WakeAt = Decision.Earlier(decision.WakeAt, since) },
            _ => decision with
            {
                Reason = EventReason.NoReadyPods,
                Stalled = true,
                Message = decision.State is InFlight { Stable.Length: > 0, Canary.Length: > 0 } flight
                    ? $"neither {flight.Stable} nor {flight.Canary} has a ready pod; {decision.Message}"
                    : $"no pod is ready; {decision.Message}",
            },
        };
    }

    /// <summary>What to tell people of it beside what the runbooks tell.</summary>
    /// <param name="seen">What was there, with the conditions of the last status.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="told">Whether the runbooks tell something of this pass.</param>
    public static IEnumerable<Notice> Of(Observation seen, Decision decision, bool told)
    {
        var before = seen.Status.Conditions.FirstOrDefault(condition => condition is { Type: "Stalled", Status: "True" });
        if (decision.Reason == EventReason.NoReadyPods)
            return before?.Reason == EventReason.NoReadyPods ? [] : [new Notice(EventReason.NoReadyPods, decision.Message, Severity.P0)];
        if (before is null && decision.Stalled && !IsToldByItself(decision))
            return [IsStuck(decision.State) ? new Notice(EventReason.RollbackStuck, decision.Message, Severity.P0) : new Notice(EventReason.RolloutStalled, decision.Message, Severity.P2)];
        return before is not null && !told && decision is { Stalled: false, Phase: Phase.Healthy } ? [new Notice(EventReason.Recovered, decision.Message)] : [];
    }

    /// <summary>What holds a step and is for a person to mend, as soon as it begins.</summary>
    /// <param name="seen">What was there, with the conditions of the last status.</param>
    /// <param name="decision">What was decided about the step.</param>
    /// <param name="judgement">What its checks say.</param>
    public static IEnumerable<Notice> OfCheck(Observation seen, Decision decision, Verdict judgement)
    {
        var reason = judgement switch
        {
            Verdict.Hold { Class: VerdictClass.Warning } => EventReason.CheckWarning,
            Verdict.Hold { Class: VerdictClass.ConfigError } => EventReason.CheckMisconfigured,
            _ => null,
        };
        return reason is not null && decision.Reason == ((Verdict.Hold)judgement).Class.ToString() && seen.Status.Conditions.All(condition => condition.Reason != decision.Reason)
            ? [new Notice(reason, judgement.Message, Severity.P2)]
            : [];
    }

    /// <summary>From when on it is an outage that no pod is ready; null where it is none. What ends has no other version to wait for.</summary>
    private static DateTimeOffset? DownSince(Observation seen, Decision decision) => decision.State switch
    {
        Concluding { Stage: not ConclusionStage.Settling } => seen.Now,
        AtRest rest when decision.Phase is not Phase.Invalid => seen.Find(rest.Revision)?.Trouble?.Since + Patience,
        Progressing step when decision.Phase is not Phase.Invalid => seen.Find(step.Stable)?.Trouble?.Since + Patience,
        _ => null,
    };

    private static bool IsToldByItself(Decision decision) => decision.Phase is Phase.Invalid or Phase.RolledBack || decision.Reason == EventReason.RollbackBlocked;

    /// <summary>A version that is only replaced by a newer one does no harm while it waits.</summary>
    private static bool IsStuck(RolloutState state) => state is RollingBack { Cause: RollbackCause.Failed or RollbackCause.Aborted or RollbackCause.Undone };
}
