using System.Globalization;
using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>The runbook while a new revision goes up: raise the weight, judge it, go on, or take it back.</summary>
internal static class StepPlanner
{
    /// <summary>After so many foreign writes at one step a person is called.</summary>
    private const int DriftsUntilStalled = 3;

    /// <summary>Looks at a step.</summary>
    public static Decision Step(Observation seen, Progressing step)
    {
        var judgement = Skipping.Judge(step, step.IsAtGates
            ? Judgement.OfGates(seen, Gates.Of(seen.Spec, step.Stage))
            : Judgement.OfStep(seen, step));
        var decision = Superseded(seen, step)
            ?? ScaledToZero(seen, step)
            ?? Failed(seen, step, judgement)
            ?? Invalid(seen, step)
            ?? Thawed(seen, step)
            ?? step.Stage switch
            {
                StepStage.Gating => Gates.Gate(seen, step, judgement),
                StepStage.Previewing => Gates.Look(seen, step, judgement),
                StepStage.Raising => Raise(seen, step),
                _ => Hold(seen, step, judgement),
            };
        return decision with
        {
            WakeAt = Decision.Earlier(decision.WakeAt, CanaryHealth.Deadline(seen, step)),
            Notices = [.. decision.Notices, .. Attention.OfCheck(seen, decision, judgement)],
        };
    }

    /// <summary>How many steps lie behind a weight. Edited steps never lower a weight that is carried.</summary>
    public static int IndexOf(RolloutSpec spec, int weight) => Math.Min(spec.Steps.Count - 1, spec.Steps.Count(step => step.Weight < weight));

    private static Decision? Superseded(Observation seen, Progressing step)
    {
        if (seen.Template is not TemplateView.Accepted asked || asked.Revision == step.Canary)
            return null;
        var reverted = asked.Revision == step.Stable;
        return new Decision(Back(seen, step, reverted ? RollbackCause.Reverted : RollbackCause.Superseded))
        {
            Notices = [new Notice(
                reverted ? EventReason.Reverted : EventReason.Superseded,
                reverted ? $"the template is {step.Stable} again; {step.Canary} goes" : $"{asked.Revision} replaces {step.Canary}; traffic goes to {step.Stable} first")],
        };
    }

    /// <summary>Without pods there is nothing to try: traffic goes back to its form at rest, and no weight is left on the void.</summary>
    private static Decision? ScaledToZero(Observation seen, Progressing step) => seen.Replicas > 0 ? null : new Decision(Back(seen, step, RollbackCause.ScaledToZero))
    {
        Notices = [new Notice(EventReason.ScaledToZero, $"spec.replicas is 0; the rollout of {step.Canary} ends, and it is deployed without steps")],
    };

    private static Decision? Failed(Observation seen, Progressing step, Verdict judgement)
    {
        var needed = NeededPods(seen, step);
        var rollback = CanaryHealth.Failure(seen, step, needed) ?? (judgement is Verdict.Fail fail ? Breach(seen, step, fail) : null);
        return rollback is null ? null : new Decision(Back(seen, step, RollbackCause.Failed))
        {
            Rollback = rollback,
            FailedRevision = step.Canary,
            Notices = [Notice.RolledBack(step, rollback)],
        };
    }

    private static Decision? Invalid(Observation seen, Progressing step)
    {
        var problem = RestPlanner.TemplateProblem(seen) ?? (seen.Problems is [var first, ..] ? first : null);
        return problem is null ? null : RestPlanner.Invalid(seen, step, problem, []);
    }

    /// <summary>Time that stood still does not count against the pods.</summary>
    private static Decision? Thawed(Observation seen, Progressing step) => (seen.Spec.Paused, step.Frozen) switch
    {
        (true, false) => new Decision(step with { Frozen = true }),
        (false, true) => new Decision(step with { Frozen = false, Since = step.Stage is StepStage.Previewing or StepStage.Raising ? seen.Now : step.Since }),
        _ => null,
    };

    /// <summary>A step that is skipped is not gone to at all where another one follows.</summary>
    private static Decision Raise(Observation seen, Progressing step)
    {
        if (step is { Skip: not null, Frozen: false } && Skipping.Next(seen, step) is { } next && RolloutWindows.Awaited(seen, step.Stable) is null)
            return new Decision(step with { Weight = next.Weight, Since = seen.Now, Skip = Skipping.After(step) });
        var decision = step.IsRouted ? RaiseRouted(seen, step, seen.Traffic!) : RaiseCounted(seen, step);
        return step.Skip is null ? decision : decision with { Message = $"{decision.Message}; {step.Waiver}" };
    }

    /// <summary>Pods, ready endpoints, weight, acceptance, propagation; the clock of the analysis starts only then.</summary>
    private static Decision RaiseRouted(Observation seen, Progressing step, TrafficView traffic)
    {
        var goal = Goal(seen, step, traffic);
        var needed = CanaryPods(seen, goal);
        var set = seen.Find(step.Canary);
        var ready = Math.Min(set?.SureAvailable ?? 0, traffic.CanaryReady(step.Canary));
        var effects = Setup(seen, step, traffic, needed);
        var mayCarry = ready >= needed && effects.Count == 0;
        if (mayCarry && IsCarried(traffic, goal) && traffic.NotAccepted is null)
            return Carried(seen, step, goal, seen.Now + step.Traffic!.Propagation);
        if (mayCarry && !step.Frozen && goal != step.Weight)
            return new Decision(step with { Weight = goal, Since = seen.Now });
        if (mayCarry && !IsCarried(traffic, goal))
            effects.Add(Weigh(goal));
        var deadline = step.Since + seen.Spec.ProgressDeadline;
        var stuck = seen.Now >= deadline && ready >= needed && !step.Frozen;
        var waiting = ready < needed ? $"waits for pods: {ready} of {needed} ready{Trouble(set)}"
            : IsCarried(traffic, goal) ? $"waits for the gateway: {traffic.NotAccepted}"
            : "sets the weight";
        return new Decision(step)
        {
            Effects = step.Frozen ? [] : effects,
            Phase = step.Frozen ? Phase.Paused : Phase.Progressing,
            Reason = step.Frozen ? "Paused" : stuck ? "RouteNotAccepted" : ready < needed ? "WaitingForPods" : "PropagatingRoute",
            Stalled = stuck,
            Message = step.Frozen
                ? $"frozen on the way to {Share(goal)}, because spec.paused is true"
                : $"on the way to {Share(goal)}: {waiting}{StableGone(goal, step)}",
        };
    }

    /// <summary>Counts that can get no nearer, because pods of stable are missing, are near enough: a bad stable never blocks the fix.</summary>
    private static Decision RaiseCounted(Observation seen, Progressing step)
    {
        var set = seen.Find(step.Canary);
        var available = set?.SureAvailable ?? 0;
        var effects = Pods.Counted(seen, step, step.Weight).ToList();
        if (effects.Count == 0 && available >= NeededPods(seen, step) && seen.Revisions.All(each => each.Current == each.Replicas))
            return Carried(seen, step, step.Weight, seen.Now);
        return new Decision(step)
        {
            Effects = step.Frozen ? [] : effects,
            Phase = step.Frozen ? Phase.Paused : Phase.Progressing,
            Reason = step.Frozen ? "Paused" : "WaitingForPods",
            Message = step.Frozen
                ? $"frozen on the way to {step.Weight} %, because spec.paused is true"
                : $"on the way to {step.Weight} %: {available} of {NeededPods(seen, step)} new pods available{Trouble(set)}",
        };
    }

    private static Decision Carried(Observation seen, Progressing step, int weight, DateTimeOffset since) =>
        new(step with { Weight = weight, Stage = StepStage.Judging, Since = since, Approved = false, Drift = null })
        {
            Evidence = (seen.Evidence ?? Evidence.StartingAt(since)).AtNextStep(since),
            Notices = [new Notice(EventReason.WeightSet, weight == 0 ? $"{step.Canary} gets the requests of spec.traffic.match" : $"{step.Canary} carries {CarriedWeight(seen, step, weight)} % of the traffic")],
        };

    private static int CarriedWeight(Observation seen, Progressing step, int weight) => step.IsRouted ? weight : Report.Weight(seen, step);

    /// <summary>The weight is carried: keep it, look, and go on once hold, judgement and people allow it.</summary>
    private static Decision Hold(Observation seen, Progressing step, Verdict judgement)
    {
        if (step.IsRouted && !IsCarried(seen.Traffic!, step.Weight))
            return Reassert(seen, step, seen.Traffic!);
        // Users met another weight than this meanwhile: what has been held so far was held at that.
        if (step is { Drift: { } drift, Traffic: { } traffic } && drift.At + traffic.Propagation > step.Since)
            return new Decision(step with { Since = seen.Now + traffic.Propagation });
        var holdsUntil = step.Since + (step.Skip is null ? seen.Spec.HoldAt(step) : TimeSpan.Zero);
        var decision = new Decision(step)
        {
            Effects = Keep(seen, step),
            Reason = judgement is Verdict.Hold hold ? hold.Class.ToString() : step.Stage == StepStage.Monitoring ? "Monitoring" : "StepRunning",
            Message = $"{Share(step.Weight)}: {Watched(seen, step, holdsUntil, judgement.Message)}",
            WakeAt = Next(seen, holdsUntil, holdsUntil + seen.Spec.ProgressDeadline),
            Stalled = judgement is Verdict.Hold && seen.Now >= holdsUntil + seen.Spec.ProgressDeadline,
        };
        if (step.Frozen)
            return decision with { Phase = Phase.Paused, Reason = "Paused", Message = $"frozen at {Share(step.Weight)}, because spec.paused is true; {judgement.Message}" };
        if (seen.Now < holdsUntil || judgement is not Verdict.Pass || NotAccepted(seen, step))
            return decision;
        if (step is { Stage: StepStage.Judging, Approved: false, Skip: null } && seen.Spec.StepAt(step.Weight).Pause)
            return AwaitsPromotion(seen, step, decision, judgement.Message);

        var advance = Advance(seen, step);
        if (advance.State is not Progressing { Stage: StepStage.Monitoring } && RolloutWindows.Awaited(seen, step.Stable) is { } opening)
        {
            return decision with
            {
                Reason = "OutsideWindow",
                Message = $"{Share(step.Weight)}: passed; goes on in the next of spec.windows, which opens {opening.Text}; {judgement.Message}",
                WakeAt = Decision.Earlier(decision.WakeAt, opening.At),
            };
        }

        return step.Skip is null && Judgement.IsLookOverdue(seen)
            ? decision with { Message = $"{Share(step.Weight)}: waits for a look at the metrics that is overdue; {judgement.Message}" }
            : advance;
    }

    /// <summary>A person is asked once for each step, when it begins to wait.</summary>
    private static Decision AwaitsPromotion(Observation seen, Progressing step, Decision decision, string judgement)
    {
        var waits = $"{Share(step.Weight)}: waits for a person; go on with spec.operation: {{id: <new>, verb: Promote, revision: {step.Canary}}}";
        return decision with
        {
            Phase = Phase.Paused,
            Reason = "Paused",
            Message = $"{waits}; {judgement}",
            Notices = seen.Status.Message.StartsWith(waits, StringComparison.Ordinal) ? [] : [new Notice(EventReason.AwaitingPromotion, waits, Severity.P2)],
        };
    }

    /// <summary>The next step; after the last one the time of being monitored, then the promotion.</summary>
    private static Decision Advance(Observation seen, Progressing step)
    {
        if (Skipping.Next(seen, step) is { } next)
            return new Decision(step with { Weight = next.Weight, Stage = StepStage.Raising, Since = seen.Now, Approved = false, Drift = null, Skip = Skipping.After(step) });
        if (seen.Spec.Monitor is not { } monitor || step.Stage == StepStage.Monitoring || step.Skip == SkipScope.Rest)
            return new Decision(new Promoting(step.Stable, step.Canary, step.Traffic, ConclusionStage.Pinning, seen.Now) { Waiver = step.Waiver });
        return new Decision(step with { Stage = StepStage.Monitoring, Since = seen.Now, Approved = false, Skip = null })
        {
            // The threshold may be another one now, against which nothing has been counted yet.
            Evidence = Evidence.Monitoring(seen.Now, monitor.Duration, seen.Evidence?.Dispersion),
            Notices = [new Notice(EventReason.Monitoring, $"{step.Canary} {(step.Waiver is null ? "passed every step" : "has all the traffic")}; it is monitored for {GatewayDuration.Format(monitor.Duration)} before {step.Stable} goes")],
        };
    }

    private static string Watched(Observation seen, Progressing step, DateTimeOffset until, string judgement) => (step.Stage, seen.Now < until) switch
    {
        (StepStage.Monitoring, true) => $"monitored until {Time(until)} ({GatewayDuration.Format(seen.Spec.HoldAt(step))}); {judgement}",
        (StepStage.Monitoring, false) => $"was monitored for {GatewayDuration.Format(seen.Spec.HoldAt(step))}; {judgement}",
        (_, true) => $"{judgement}; holds until {Time(until)}",
        _ => judgement,
    };

    /// <summary>
    /// Something else wrote the weights. They are put right, at once the first time and after ever longer waits then, so that two
    /// writers do not fight; nothing is promoted meanwhile.
    /// </summary>
    private static Decision Reassert(Observation seen, Progressing step, TrafficView traffic)
    {
        var drift = step.Drift ?? new RouteDrift(0, DateTimeOffset.MinValue);
        var again = drift.Count == 0 ? seen.Now : drift.At + TimeSpan.FromSeconds(Math.Min(64, 1 << Math.Min(drift.Count, 6)));
        var upkeep = Keep(seen, step);
        var mayCarry = upkeep.Count == 0 && CanaryHealth.Serving(seen, step) > 0;
        if (seen.Now >= again && seen.Now != drift.At && mayCarry)
        {
            return new Decision(step with { Drift = new RouteDrift(drift.Count + 1, seen.Now) })
            {
                Notices = [new Notice(EventReason.RouteDrift, $"something else changed the weights from {step.Weight} % to {traffic.Weight} %; they are set again", Severity.P2)],
            };
        }

        return new Decision(step)
        {
            Effects = seen.Now == drift.At && mayCarry ? [Weigh(step.Weight)] : upkeep,
            Reason = "RouteDrift",
            Stalled = drift.Count >= DriftsUntilStalled,
            Message = $"{step.Weight} %: something else set the route to {traffic.Weight} % ({drift.Count} times at this step); " +
                      $"it is set again {(mayCarry ? $"at {Time(again)}" : "once it has what carries it")}. Let the other writer leave backendRefs weights alone",
            WakeAt = mayCarry ? again : null,
        };
    }

    /// <summary>What keeps a step as it is.</summary>
    public static List<Effect> Keep(Observation seen, Progressing step) => step.IsRouted
        ? Setup(seen, step, seen.Traffic!, CanaryPods(seen, step.Weight))
        : [.. Pods.Counted(seen, step, step.Weight)];

    /// <summary>
    /// All that has to be true before the canary may carry weight. The user's Service is pinned before canary pods exist, because
    /// they match its selector and would get traffic from clients that bypass the route.
    /// </summary>
    private static List<Effect> Setup(Observation seen, Progressing step, TrafficView traffic, int canaryPods)
    {
        var effects = new List<Effect>(Pods.Claim(seen));
        if (traffic.PinnedTo != step.Stable)
            effects.Add(new Effect.PinService(step.Stable));
        if (traffic.CanarySelects != step.Canary)
            effects.Add(traffic.ReachesCanary ? new Effect.SetWeight(0) : new Effect.PointCanaryService(step.Canary));
        effects.AddRange(Pods.Routed(seen, step, canaryPods));
        return effects;
    }

    /// <summary>
    /// The weight to go to. A stable version without a single ready pod serves nobody, so every request that it is given fails: the
    /// new version then takes all traffic as soon as it can (a bad stable never blocks the fix).
    /// </summary>
    private static int Goal(Observation seen, Progressing step, TrafficView traffic) =>
        traffic.ServiceReady(step.Stable) == 0 && (seen.Find(step.Stable)?.Available ?? 0) == 0 && traffic.PinnedTo == step.Stable ? 100 : step.Weight;

    /// <summary>What a step gives the canary, for people.</summary>
    public static string Share(int weight) => weight == 0 ? "matched requests" : string.Create(CultureInfo.InvariantCulture, $"{weight} %");

    /// <summary>The pods of the canary at a weight where routes make the split; matched requests alone need one.</summary>
    private static int CanaryPods(Observation seen, int weight) => Math.Max(Math.Min(1, seen.Replicas), ReplicaArithmetic.CanaryForWeight(seen.Replicas, weight));

    /// <summary>A step without weight carries the matched requests alone.</summary>
    private static bool IsCarried(TrafficView traffic, int weight) => weight == 0 ? traffic.CarriesMatched : traffic.Carries(weight);

    private static Effect Weigh(int weight) => weight == 0 ? new Effect.SendMatched() : new Effect.SetWeight(weight);

    /// <summary>The available pods that a step needs: none before there is anything to ask them.</summary>
    public static int NeededPods(Observation seen, Progressing step) => step.Stage == StepStage.Gating ? 0 : step.IsRouted
        ? CanaryPods(seen, step.Weight)
        : Pods.Targets(seen, step.Weight).Canary;

    private static Rollback Breach(Observation seen, Progressing step, Verdict.Fail fail) => new()
    {
        Revision = step.Canary,
        Check = fail.Check,
        Reason = fail.Reason,
        Message = $"{Where(step)}: {fail.Message}",
        Time = seen.Now,
        Value = fail.Value,
        Threshold = fail.Threshold.Length == 0 ? null : fail.Threshold,
        Requests = fail.Requests,
        Errors = fail.Errors,
    };

    /// <summary>
    /// The way back. Before its first request a version leaves nothing to put back but its pods, which go as any at rest, and what it made of the
    /// Services that the spec names; where the spec names others by now, only a state that still knows them can give them back.
    /// </summary>
    public static RolloutState Back(Observation seen, Progressing step, RollbackCause cause) =>
        step.IsAtGates && seen.Traffic?.Carries(0) != false && (step.Traffic == seen.Spec.Traffic || !ConclusionPlanner.RemoveTraces(seen).Any())
            ? new AtRest(step.Stable)
            : new RollingBack(step.Stable, step.Canary, step.Traffic, ConclusionStage.Pinning, seen.Now, cause);

    private static string Where(Progressing step) => step.IsAtGates ? "before any traffic" : step.Weight == 0 ? "with matched requests" : $"at {Share(step.Weight)}";

    private static bool NotAccepted(Observation seen, Progressing step) => step.IsRouted && seen.Traffic!.NotAccepted is not null;

    private static DateTimeOffset? Next(Observation seen, params DateTimeOffset[] moments) =>
        moments.Where(moment => moment > seen.Now).Select(moment => (DateTimeOffset?)moment).Min();

    /// <summary>What keeps pods from being ready, as the end of a sentence.</summary>
    public static string Trouble(RevisionSet? set) => set?.Trouble is { } trouble ? $"; {trouble.Message}" : "";

    private static string StableGone(int goal, Progressing step) =>
        goal > step.Weight ? $"; stable {step.Stable} has no ready pod, so the new version takes all traffic at once" : "";

    private static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
}
