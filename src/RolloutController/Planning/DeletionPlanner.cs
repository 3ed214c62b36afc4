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
            return Leave(seen, ending, traffic);
        var decision = ending.Stage switch
        {
            ConclusionStage.Pinning => ConclusionPlanner.Pin(seen, ending, traffic),
            ConclusionStage.Shifting => ConclusionPlanner.Shift(seen, ending, traffic),
            _ => ConclusionPlanner.Settle(seen, ending, traffic, TimeSpan.Zero),
        };
        return decision with { WakeAt = Decision.Earlier(decision.WakeAt, patience) };
    }

    /// <summary>Nothing of the user's is changed any more: the finalizer goes.</summary>
    public static Decision LetGo(Observation seen) => new(seen.Status.State)
    {
        Reason = "Deleting",
        Message = "deleted; traffic is at rest",
        Effects = seen.Rollout.HasFinalizer ? [new Effect.RemoveFinalizer()] : [],
    };

    /// <summary>Patience is spent: the traces go whoever serves, but none before the route is at rest, which would name a Service that is gone.</summary>
    private static Decision Leave(Observation seen, Concluding ending, TrafficView traffic)
    {
        if (!traffic.Carries(0))
            return new Decision(ending) { Effects = [new Effect.SetWeight(0)], Phase = Phase.RollingBack, Reason = "Deleting", Message = "deleted: gives the route back" };
        var effects = new List<Effect>();
        if (traffic.PinnedTo is not null)
            effects.Add(new Effect.UnpinService());
        if (traffic.CanarySelects is not null)
            effects.Add(new Effect.DeleteCanaryService());
        return LetGo(seen) with { Effects = [.. effects, new Effect.RemoveFinalizer()] };
    }
}
