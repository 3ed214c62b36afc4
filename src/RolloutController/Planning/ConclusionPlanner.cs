using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// The runbook for the end of a rollout, one for both outcomes: pin the user's Service to the survivor, give the route back its form
/// at rest, let the loser drain, remove every trace. Weight first, then pods. It asks no metrics provider and needs no healthy loser.
/// </summary>
internal static class ConclusionPlanner
{
    private static readonly TimeSpan BlockedRetry = TimeSpan.FromSeconds(5);

    /// <summary>Looks at a rollout that ends.</summary>
    public static Decision Conclude(Observation seen, Concluding state) => (state.IsRouted, state.Stage) switch
    {
        (_, not ConclusionStage.Settling) when state is Promoting promoting && CanaryHealth.Collapse(seen, promoting) is { } collapse => GoBack(seen, promoting, collapse),
        (false, _) => Late(seen, state, Counted(seen, state)),
        (_, ConclusionStage.Pinning) => Late(seen, state, Pin(seen, state, seen.Traffic!)),
        (_, ConclusionStage.Shifting) => Late(seen, state, Shift(seen, state, seen.Traffic!)),
        _ => Settle(seen, state, seen.Traffic!, DrainTime(seen, state)),
    };

    /// <summary>The old version still has its pods: nobody has to wait for a person while all traffic fails.</summary>
    private static Decision GoBack(Observation seen, Promoting state, Rollback collapse) =>
        new(new RollingBack(state.Stable, state.Canary, state.Traffic, ConclusionStage.Pinning, seen.Now, RollbackCause.Failed))
        {
            Rollback = collapse,
            FailedRevision = state.Canary,
            Notices = [Notice.RolledBack(state, collapse)],
        };

    /// <summary>An end that takes longer than pods may take needs a person, though it is still worked on.</summary>
    private static Decision Late(Observation seen, Concluding state, Decision decision)
    {
        var deadline = state.Since + seen.Spec.ProgressDeadline;
        return decision.State != state ? decision
            : seen.Now >= deadline ? decision with { Stalled = true }
            : decision with { WakeAt = Decision.Earlier(decision.WakeAt, deadline) };
    }

    /// <summary>The survivor takes the name that everybody calls; only then may the route go back to it.</summary>
    public static Decision Pin(Observation seen, Concluding state, TrafficView traffic)
    {
        var effects = Whole(seen, state);
        if (traffic.PinnedTo != state.Survivor)
            return Waits(seen, state, [.. Pods.Claim(seen), new Effect.PinService(state.Survivor), .. effects], "Pinning", $"pins the Service to {state.Survivor}");
        if (state is RollingBack)
        {
            return Blocked(seen, state, traffic.Weight) is { } blocked
                ? blocked with { Effects = effects }
                : new Decision(Next(state, ConclusionStage.Shifting, seen.Now));
        }

        var ready = traffic.ServiceReady(state.Survivor);
        var needed = Math.Max(Math.Min(1, seen.Replicas), seen.Find(state.Survivor)?.SureAvailable ?? 0);
        return ready >= needed && traffic.ServiceReady(state.Loser) == 0
            ? new Decision(Next(state, ConclusionStage.Shifting, seen.Now + state.Traffic!.Propagation))
            : Waits(seen, state, effects, "Pinning", $"waits for the Service's endpoints: {ready} of {needed} of {state.Survivor}");
    }

    /// <summary>The route gets back what the user applied.</summary>
    public static Decision Shift(Observation seen, Concluding state, TrafficView traffic)
    {
        if (state is RollingBack && !traffic.Carries(0) && Blocked(seen, state, traffic.Weight) is { } blocked)
            return blocked with { Effects = Whole(seen, state) };
        if (seen.Now < state.Since)
            return Waits(seen, state, Whole(seen, state), "PropagatingRoute", "waits until every proxy knows the Service's new endpoints") with { WakeAt = state.Since };
        if (!traffic.Carries(0))
            return Waits(seen, state, [new Effect.SetWeight(0), .. Whole(seen, state)], "PropagatingRoute", $"gives {state.Survivor} all the traffic");
        if (traffic.NotAccepted is { } notAccepted)
            return Waits(seen, state, Whole(seen, state), "PropagatingRoute", $"waits for the gateway: {notAccepted}");
        return new Decision(Next(state, ConclusionStage.Settling, seen.Now + state.Traffic!.Propagation)) { Notices = [Ended(state)] };
    }

    /// <summary>Traffic is where it belongs. The next revision may set out; otherwise the loser drains, goes, and leaves no trace.</summary>
    public static Decision Settle(Observation seen, Concluding state, TrafficView traffic, TimeSpan drain)
    {
        if (!traffic.Carries(0))
            return new Decision(Next(state, ConclusionStage.Shifting, seen.Now));
        if (seen.Now >= state.Since && RestPlanner.Startable(seen, state.Survivor) is { } next)
        {
            return new Decision(RestPlanner.Start(seen, state.Survivor, next))
            {
                Notices = [RestPlanner.Started(seen, state.Survivor, next)],
                Evidence = Analysis.Evidence.StartingAt(seen.Now),
                FailedRevision = "",
            };
        }

        var effects = Whole(seen, state);
        var drained = state.Since + drain;
        if (seen.Now < drained)
        {
            var settled = Settled(seen, state, effects, $"the pods of {Loser(state)} stay up until {drained.UtcDateTime:HH:mm:ss}");
            return settled with { WakeAt = Decision.Earlier(settled.WakeAt, seen.Now < state.Since ? state.Since : drained) };
        }

        var losers = seen.Revisions.Where(set => set.Revision != state.Survivor).ToList();
        effects.AddRange(losers.Where(set => set.Replicas > 0).Select(set => new Effect.ScaleReplicaSet(set.Name, 0)));
        if (losers.Any(set => set.Footprint > 0))
            return Settled(seen, state, effects, $"the pods of {Loser(state)} go");
        var traces = RemoveTraces(seen).ToList();
        return traces.Count == 0
            ? new Decision(new AtRest(state.Survivor))
            : Settled(seen, state, [.. effects, .. traces], "the last traces of the rollout go");
    }

    /// <summary>Gives the user's Service its own selector back and removes ours; none where nothing of ours is left.</summary>
    public static IEnumerable<Effect> RemoveTraces(Observation seen)
    {
        if (seen.Traffic?.PinnedTo is not null)
            yield return new Effect.UnpinService();
        if (seen.Traffic?.CanarySelects is not null)
            yield return new Effect.DeleteCanaryService();
    }

    /// <summary>Where pod counts make the split, moving the pods is moving the traffic.</summary>
    private static Decision Counted(Observation seen, Concluding state)
    {
        var weight = state is Promoting ? 100 : 0;
        if (Pods.HaveReached(seen, state, weight))
            return new Decision(new AtRest(state.Survivor)) { Notices = [Ended(state)] };
        var effects = Pods.Counted(seen, state, weight).ToList();
        return state is RollingBack && Blocked(seen, state, Report.Weight(seen, state)) is { } blocked
            ? blocked with { Effects = effects }
            : Waits(seen, state, effects, "MovingPods", $"moves pods to {state.Survivor}");
    }

    /// <summary>
    /// No ready pod of stable: moving the traffic there would fail all of it, so the split that fails fewer requests stays, and
    /// somebody is told.
    /// </summary>
    private static Decision? Blocked(Observation seen, Concluding state, int weight)
    {
        var (carrier, stable, carrying) = seen.Traffic is { } traffic && state.IsRouted
            ? (traffic.CanarySelects ?? state.Loser, traffic.ServiceReady(state.Survivor), traffic.CanaryReady(traffic.CanarySelects ?? state.Loser))
            : (state.Loser, seen.Find(state.Survivor)?.Ready ?? 0, seen.Find(state.Loser)?.Ready ?? 0);
        if (stable > 0 || carrying == 0 || seen.Replicas == 0)
            return null;
        if (state.IsRouted && seen.Find(state.Survivor) is { SureAvailable: > 0 })
            return Waits(seen, state, [], "Pinning", $"waits for the Service's endpoints of {state.Survivor}");
        var message = $"rollback is blocked: {state.Survivor} has no ready pod, so {carrier} keeps its {weight} %";
        return new Decision(state)
        {
            Phase = Phase.RollingBack,
            Reason = EventReason.RollbackBlocked,
            Stalled = true,
            Message = message,
            WakeAt = seen.Now + BlockedRetry,
            Notices = seen.Status.Message == message ? [] : [new Notice(EventReason.RollbackBlocked, message, Severity.P0)],
        };
    }

    /// <summary>The survivor has its full set of pods; the loser keeps its pods while it may carry traffic.</summary>
    private static List<Effect> Whole(Observation seen, Concluding state)
    {
        var effects = new List<Effect>();
        if (seen.Find(state.Survivor) is { } set && set.Replicas != seen.Replicas)
            effects.Add(new Effect.ScaleReplicaSet(set.Name, seen.Replicas));
        return effects;
    }

    private static TimeSpan DrainTime(Observation seen, Concluding state) =>
        state is RollingBack { Cause: RollbackCause.Superseded } ? TimeSpan.Zero : seen.Spec.ScaleDownDelay;

    private static Concluding Next(Concluding state, ConclusionStage stage, DateTimeOffset since) => state switch
    {
        Promoting promoting => promoting with { Stage = stage, Since = since },
        RollingBack back => back with { Stage = stage, Since = since },
        _ => throw new InvalidOperationException($"there is no stage {stage} after {state}"),
    };

    private static Decision Waits(Observation seen, Concluding state, IReadOnlyList<Effect> effects, string reason, string message) => new(state)
    {
        Effects = effects,
        Phase = state is Promoting ? Phase.Progressing : Phase.RollingBack,
        Reason = reason,
        Message = state is Promoting ? $"{Promoted(state)}: {message}" : $"{Why(seen, state)}: {message}",
    };

    private static Decision Settled(Observation seen, Concluding state, IReadOnlyList<Effect> effects, string message)
    {
        var decision = new Decision(state)
        {
            Effects = effects,
            Reason = "Settling",
            Message = $"{state.Survivor} has all the traffic; {(state is Promoting ? "" : $"{Why(seen, state)}; ")}{message}",
        };
        var asked = (seen.Template as TemplateView.Accepted)?.Revision;
        if (asked != state.Survivor)
            decision = decision with { WakeAt = RolloutWindows.Awaited(seen, state.Survivor)?.At };
        return asked == state.Survivor && seen.Status.Undo is not null ? decision with { Phase = Phase.RolledBack, Reason = "Undone", Stalled = true }
            : asked == state.Survivor ? decision with { Phase = Phase.Healthy, Reason = state is Promoting ? "RolloutCompleted" : "Stable" }
            : asked is not null && asked == seen.Status.FailedRevision
                ? decision with { Phase = Phase.RolledBack, Reason = seen.Status.LastRollback?.Reason ?? "RolledBack", Stalled = true }
            : decision;
    }

    private static string Promoted(Concluding state) =>
        state.Waiver is null ? $"{state.Canary} passed every step and is promoted" : $"{state.Canary} is promoted ({state.Waiver})";

    private static string Why(Observation seen, Concluding state) => state switch
    {
        RollingBack { Cause: RollbackCause.Superseded } => $"{state.Canary} is replaced by a newer version",
        RollingBack { Cause: RollbackCause.ScaledToZero } => $"the trial of {state.Canary} ended, because spec.replicas was 0",
        RollingBack { Cause: RollbackCause.RecordLost } => "the record of the rollout was lost, and it starts anew",
        RollingBack { Cause: RollbackCause.Undone } => $"{state.Canary} is taken back: {seen.Status.LastRollback?.Message}",
        RollingBack { Cause: RollbackCause.Reverted } => $"the template is {state.Stable} again",
        _ => $"{state.Canary} is rolled back: {seen.Status.LastRollback?.Message}",
    };

    private static Notice Ended(Concluding state) => state is Promoting
        ? new Notice(EventReason.Promoted, $"{state.Survivor} has all the traffic; {state.Loser} goes{(state.Waiver is null ? "" : $"; {state.Waiver}")}")
        : new Notice(EventReason.TrafficRestored, $"{state.Survivor} has all the traffic again; {Loser(state)} goes");

    /// <summary>Of a record that was lost, the version that goes may not be known any more.</summary>
    private static string Loser(Concluding state) => state.Loser.Length > 0 ? state.Loser : "the other version";
}
