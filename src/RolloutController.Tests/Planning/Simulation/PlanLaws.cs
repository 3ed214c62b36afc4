using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Simulation.LawBrokenException;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>The laws that a plan has to keep by itself, whatever becomes of it.</summary>
internal static class PlanLaws
{
    public static void Check(Observation seen, Plan plan)
    {
        Reports(seen, plan.Status);
        Unless(plan.WakeAt is null || plan.WakeAt > seen.Now, "I10 no hot loop", $"wakes at {plan.WakeAt:O}, which is not after {seen.Now:O}");
        Counts(seen, plan);
        Survives(seen, plan);
        Repeats(seen, plan);
        foreach (var (effect, index) in plan.Effects.Select((effect, index) => (effect, index)))
            Check(seen, plan, effect, [.. plan.Effects.Take(index)]);
    }

    /// <summary>Whether two statuses say the same.</summary>
    public static bool Same(RolloutStatus one, RolloutStatus other) =>
        one with { Conditions = [], History = [] } == other with { Conditions = [], History = [] }
        && one.Conditions.SequenceEqual(other.Conditions) && one.History.SequenceEqual(other.History);

    private static void Reports(Observation seen, RolloutStatus status)
    {
        Unless(status.ObservedGeneration == seen.Rollout.Generation, "I8 observedGeneration", $"{status.ObservedGeneration}");
        Unless(status.Weight is >= 0 and <= 100, "I1 weight", $"status.weight is {status.Weight}");
        Unless(status.History.Count <= 10 && status.History.Zip(status.History.Skip(1)).All(pair => pair.First.Time >= pair.Second.Time), "history", $"{status.History.Count} records, or not the newest first");
        Unless(status.Undo is not { } undo || (seen.Find(undo.To) is not null && (seen.Template is not TemplateView.Accepted asked || asked.Revision == undo.From)), "undo", $"{status.Undo} while {seen.Template} is asked for");
        Unless(status.LastRollback is not { } rollback || RollbackReasons.All.Contains(rollback.Reason), "reasons of rollbacks are known", $"{status.LastRollback}");
        Unless(status.Message.Length > 0, "principle 7", $"{status.State} says nothing");
        foreach (var condition in status.Conditions)
        {
            var before = seen.Status.Conditions.FirstOrDefault(old => old.Type == condition.Type);
            var expected = before?.Status == condition.Status ? before.LastTransitionTime : seen.Now;
            Unless(condition.LastTransitionTime == expected, "lastTransitionTime", $"{condition} after {before}");
            Unless(condition.ObservedGeneration == seen.Rollout.Generation, "I8 observedGeneration", $"{condition}");
        }

        if (status.Conditions.Any(condition => condition is { Type: "Ready" or "Succeeded", Status: "True" }))
        {
            Unless(Survivor(status.State) is { } survivor && seen.Template == new TemplateView.Accepted(survivor), "I8 success",
                $"Ready or Succeeded in {status.State}, asked for is {seen.Template}");
            Unless(status.Weight == 100, "I8 success", $"Ready or Succeeded at {status.Weight} %");
        }

        if (status.State is Progressing { IsRouted: true } or RollingBack { IsRouted: true, Stage: not ConclusionStage.Settling })
            Unless(status.Weight <= (seen.Traffic?.Weight ?? 0), "I8 weight", $"status says {status.Weight}, the route {seen.Traffic?.Weight}");
    }

    private static string? Survivor(RolloutState state) => state switch
    {
        AtRest rest => rest.Revision,
        Concluding { Stage: ConclusionStage.Settling } concluding => concluding.Survivor,
        _ => null,
    };

    private static void Check(Observation seen, Plan plan, Effect effect, IReadOnlyList<Effect> earlier)
    {
        switch (effect)
        {
            case Effect.PinService or Effect.PointCanaryService or Effect.SetWeight { Weight: > 0 }:
                Unless(seen.Rollout.HasFinalizer || earlier.OfType<Effect.AddFinalizer>().Any(), "I12 finalizer first", $"{effect} without it");
                break;
            case Effect.RemoveFinalizer when seen.Traffic is { } traffic:
                Unless(traffic.PinnedTo is null || earlier.OfType<Effect.UnpinService>().Any(), "I12 unpinned", "the finalizer goes before the pin");
                Unless(traffic.CanarySelects is null || earlier.OfType<Effect.DeleteCanaryService>().Any(), "I12 no canary Service", "the finalizer goes before it");
                Unless(traffic.Carries(0), "I12 routes at rest", "the finalizer goes before the weight");
                break;
        }

        switch (effect)
        {
            case Effect.SetWeight weight:
                Weighs(seen, plan.Status, weight.Weight, seen.Traffic!);
                break;
            case Effect.PointCanaryService point:
                Unless(seen.Traffic!.HighestWeight == 0, "I2 never re-pointed under weight", $"{point} at {seen.Traffic.HighestWeight} %");
                break;
            case Effect.CreateReplicaSet create:
                Unless(seen.Template == new TemplateView.Accepted(create.Revision), "nothing else under its name", $"{create} while {seen.Template} is asked for");
                break;
            case Effect.ScaleReplicaSet scale when plan.Status.State is not (Initial or Deploying):
                Scales(seen, plan.Status.State, scale);
                break;
        }
    }

    private static void Weighs(Observation seen, RolloutStatus status, int weight, TrafficView traffic)
    {
        Unless(weight is >= 0 and <= 100, "I1 weight", $"{weight}");
        if (weight == 0)
        {
            var patient = seen.Now < seen.Rollout.DeletedAt + TimeSpan.FromMinutes(1) || seen.Rollout.DeletedAt is null;
            var serves = traffic.ServiceEndpoints.Count > 0 || traffic.CanaryEndpoints.Count == 0 || traffic.CanaryReady(traffic.CanarySelects ?? "") == 0;
            Unless(serves || !patient || seen.Replicas == 0 || status.State is AtRest or Concluding { Stage: ConclusionStage.Settling }, "principle 3", "all traffic is sent to a Service without a ready endpoint");
            return;
        }

        var step = status.State as Progressing;
        Unless(step is not null && seen.Rollout.DeletedAt is null, "I3 weight", $"{weight} % in {status.State}");
        Unless(step!.Weight == weight, "principle 6", $"{weight} % is set, the record says {step.Weight}");
        Unless(traffic.CanarySelects == step.Canary && traffic.CanaryReady(step.Canary) > 0, "I2 never weigh the void", $"{weight} % for {traffic.CanarySelects}");
        Unless(traffic.PinnedTo == step.Stable, "pinned", $"{weight} % while the Service is pinned to {traffic.PinnedTo}");
        Unless(status.FailedRevision != step.Canary, "I3 failed", $"{weight} % for {step.Canary}, which failed");
    }

    private static void Scales(Observation seen, RolloutState state, Effect.ScaleReplicaSet scale)
    {
        var set = seen.Revisions.Single(set => set.Name == scale.Name);
        if (seen.Traffic is not { } traffic || scale.Replicas >= set.Replicas)
            return;
        var stableIsWhole = state is Progressing or RollingBack or Promoting { Stage: not ConclusionStage.Settling };
        if (stableIsWhole && set.Revision == ((InFlight)state).Stable)
            Unless(scale.Replicas >= seen.Replicas, "I11 stable stays whole", $"{scale} in {state}");
        if (state is Concluding or AtRest && set.Revision != Survivor(state) && traffic.CanarySelects == set.Revision && traffic.HighestWeight > 0)
            Unless(scale.Replicas >= ReplicaArithmetic.CanaryForWeight(seen.Replicas, traffic.HighestWeight), "weight first, then pods", $"{scale} at {traffic.HighestWeight} %");
        if (traffic.PinnedTo == set.Revision)
            Unless(scale.Replicas >= ReplicaArithmetic.CanaryForWeight(seen.Replicas, 100 - traffic.HighestWeight), "I11 pinned pods", $"{scale} while the Service is pinned to it");
    }

    /// <summary>Surge and unavailability hold after each effect of the plan, because any of them may be the last before a crash.</summary>
    private static void Counts(Observation seen, Plan plan)
    {
        if (plan.Status.State is not InFlight { IsRouted: false } || seen.Rollout.DeletedAt is not null)
            return;
        var limits = SurgeLimits.For(seen.Spec, seen.Replicas);
        var sets = seen.Revisions.ToDictionary(set => set.Name);
        foreach (var effect in plan.Effects)
        {
            var (name, replicas) = effect switch
            {
                Effect.CreateReplicaSet create => (create.Revision, create.Replicas),
                Effect.ScaleReplicaSet scale => (scale.Name, scale.Replicas),
                _ => ("", 0),
            };
            if (name.Length == 0)
                continue;
            var before = sets.GetValueOrDefault(name) ?? new RevisionSet { Name = name, Revision = name };
            sets[name] = before with { Replicas = replicas };
            var total = sets.Values.Sum(set => set.Footprint);
            var available = sets.Values.Sum(set => set.SureAvailable);
            Unless(replicas <= before.Replicas || total <= limits.MaxTotal, "surge", $"{effect} makes {total} pods of at most {limits.MaxTotal}");
            Unless(sets[name].SureAvailable >= before.SureAvailable || available >= limits.MinAvailable, "unavailability",
                $"{effect} leaves {available} available pods of at least {limits.MinAvailable}");
        }
    }

    /// <summary>Whoever finds the status and nothing else of a plan comes to the same plan: a crash in between costs nothing.</summary>
    private static void Repeats(Observation seen, Plan plan)
    {
        var again = Planner.Decide(seen with { Status = plan.Status, Evidence = plan.Evidence });
        Unless(Same(again.Status, plan.Status), "principle 6", $"planned twice: {again.Status} after {plan.Status}");
        Unless(again.Effects.SequenceEqual(plan.Effects), "principle 6", $"planned twice: [{string.Join(", ", again.Effects)}] after [{string.Join(", ", plan.Effects)}]");
    }

    /// <summary>Rollback, promotion's end and deletion ask no metrics provider.</summary>
    private static void Survives(Observation seen, Plan plan)
    {
        if (seen.Status.State is not Concluding && seen.Rollout.DeletedAt is null)
            return;
        var blind = Planner.Decide(seen with { Evidence = Evidence.StartingAt(seen.Now) with { Class = DataClass.ProviderError } });
        Unless(blind.Effects.SequenceEqual(plan.Effects) && blind.Status.State == plan.Status.State, "I6 rollback needs nothing", $"another plan without metrics: {blind.Status.State}");
    }
}
