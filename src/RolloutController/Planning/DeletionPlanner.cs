using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// The runbook for a Rollout that is deleted midway: traffic goes back to the revision that survives, then the finalizer goes.
/// What is missing is not waited for, and what answers late is waited for only so long.
/// </summary>
internal static class DeletionPlanner
{
    /// <summary>How long a gateway may take to confirm the restored route, and pods to go, before the deletion goes on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Puts traffic back, then lets go.</summary>
    public static Decision Unwind(Observation seen, InFlight flight)
    {
        if (!seen.Rollout.HasFinalizer)
            return LetGo(seen);
        var ending = flight as Concluding
            ?? new RollingBack(flight.Stable, flight.Canary, flight.Traffic, ConclusionStage.Pinning, seen.Now, RollbackCause.Reverted);
        if (ending != flight)
            return new Decision(ending);
        if (seen.Traffic is not { } traffic)
            return LetGo(seen);

        var patience = seen.Rollout.DeletedAt + Patience;
        if (seen.Now >= patience)
            return LetGo(seen);
        var decision = ending.Stage switch
        {
            ConclusionStage.Pinning => ConclusionPlanner.Pin(seen, ending, traffic),
            ConclusionStage.Shifting => ConclusionPlanner.Shift(seen, ending, traffic),
            _ => ConclusionPlanner.Settle(seen, ending, traffic, TimeSpan.Zero),
        };
        return decision with { WakeAt = Decision.Earlier(decision.WakeAt, patience) };
    }

    /// <summary>Nothing is waited for any more: what is left of ours goes, the weight first, lest the route name a Service that is gone.</summary>
    public static Decision LetGo(Observation seen) => seen switch
    {
        { Rollout.HasFinalizer: false } => Going(seen, "traffic is at rest", []),
        { Traffic: { } traffic } when !traffic.Carries(0) => Going(seen, "gives the route back", [new Effect.SetWeight(0)]),
        _ => Going(seen, "traffic is at rest", [.. ConclusionPlanner.RemoveTraces(seen), new Effect.RemoveFinalizer()]),
    };

    private static Decision Going(Observation seen, string message, IReadOnlyList<Effect> effects) =>
        new(seen.Status.State) { Reason = "Deleting", Message = $"deleted; {message}", Effects = effects };
}
