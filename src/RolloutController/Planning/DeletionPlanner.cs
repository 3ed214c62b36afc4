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

        var late = seen.Now >= seen.Rollout.DeletedAt + Patience;
        var decision = ending.Stage switch
        {
            ConclusionStage.Pinning when !late => ConclusionPlanner.Pin(seen, ending, traffic),
            ConclusionStage.Pinning or ConclusionStage.Shifting when !late || !traffic.Carries(0) => ConclusionPlanner.Shift(seen, ending, traffic),
            _ => late ? Leave(seen, traffic) : ConclusionPlanner.Settle(seen, ending, traffic, TimeSpan.Zero),
        };
        return late ? decision : decision with { WakeAt = Decision.Earlier(decision.WakeAt, seen.Rollout.DeletedAt + Patience) };
    }

    /// <summary>Nothing of the user's is changed any more: the finalizer goes.</summary>
    public static Decision LetGo(Observation seen) => new(seen.Status.State)
    {
        Reason = "Deleting",
        Message = "deleted; traffic is at rest",
        Effects = seen.Rollout.HasFinalizer ? [new Effect.RemoveFinalizer()] : [],
    };

    private static Decision Leave(Observation seen, TrafficView traffic)
    {
        var effects = new List<Effect>();
        if (traffic.PinnedTo is not null)
            effects.Add(new Effect.UnpinService());
        if (traffic.CanarySelects is not null)
            effects.Add(new Effect.DeleteCanaryService());
        return LetGo(seen) with { Effects = [.. effects, new Effect.RemoveFinalizer()] };
    }
}
