using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>The pod counts that a state asks for, and the effects that lead there.</summary>
internal static class Pods
{
    /// <summary>Effects on the way to a weight where routes make the split: stable stays whole, the canary comes on top.</summary>
    /// <param name="seen">What is there.</param>
    /// <param name="flight">The rollout.</param>
    /// <param name="canary">The pods that the canary is to have.</param>
    public static IEnumerable<Effect> Routed(Observation seen, InFlight flight, int canary)
    {
        foreach (var effect in WriteReplicas(seen))
            yield return effect;
        if (seen.Find(flight.Canary) is not { } set)
            yield return Begin(seen, flight.Canary, canary);
        else if (set.Replicas != canary)
            yield return new Effect.ScaleReplicaSet(set.Name, canary);
        foreach (var other in seen.Revisions.Where(other => other.Revision != flight.Canary))
        {
            var target = other.Revision == flight.Stable ? seen.Replicas : 0;
            if (other.Replicas != target)
                yield return new Effect.ScaleReplicaSet(other.Name, target);
        }
    }

    /// <summary>Effects on the way to a weight where pod counts make the split, within surge and unavailability.</summary>
    public static IEnumerable<Effect> Counted(Observation seen, InFlight flight, int weight)
    {
        foreach (var effect in WriteReplicas(seen))
            yield return effect;
        var (stable, canary) = Targets(seen, weight);
        var set = seen.Find(flight.Canary) ?? new RevisionSet { Name = "", Revision = flight.Canary };
        var growing = seen.Find(flight.Stable) is { } before
            ? weight == 0 ? [(before, stable), (set, canary)] : new[] { (set, canary), (before, stable) }
            : [(set, canary)];
        var others = seen.Revisions.Where(other => other.Revision != flight.Canary && other.Revision != flight.Stable).Select(other => (other, 0));
        foreach (var (name, replicas) in ReplicaArithmetic.Next(SurgeLimits.For(seen.Spec, seen.Replicas), [.. growing, .. others]))
        {
            yield return name.Length == 0
                ? Begin(seen, flight.Canary, replicas)
                : new Effect.ScaleReplicaSet(name, replicas);
        }
    }

    /// <summary>Whether pod counts have reached a weight.</summary>
    public static bool HaveReached(Observation seen, InFlight flight, int weight)
    {
        var (stable, canary) = Targets(seen, weight);
        return seen.Revisions.All(set =>
            set.Revision == flight.Canary ? set.Replicas == canary && set.SureAvailable >= canary && set.Current == canary
            : set.Revision == flight.Stable ? set.Replicas == stable && set.Current == stable
            : set.Footprint == 0)
            && (canary == 0 || seen.Find(flight.Canary) is not null);
    }

    /// <summary>Pods of both revisions at a weight; where the limits leave no room for both, stable makes room.</summary>
    public static (int Stable, int Canary) Targets(Observation seen, int weight)
    {
        var (stable, canary) = ReplicaArithmetic.Split(seen.Replicas, weight);
        return (Math.Min(stable, Math.Max(0, SurgeLimits.For(seen.Spec, seen.Replicas).MaxTotal - canary)), canary);
    }

    /// <summary>The finalizer comes before anything of the user's is changed, in whatever state a crash left the rollout.</summary>
    public static IEnumerable<Effect> Claim(Observation seen) => seen.Rollout.HasFinalizer ? [] : [new Effect.AddFinalizer()];

    /// <summary>A revision that has no ReplicaSet here gets the one that an earlier Rollout left of it, or a new one.</summary>
    public static Effect Begin(Observation seen, string revision, int replicas) =>
        seen.Workload is null && seen.Adoptable.FirstOrDefault(left => left.Revision == revision) is { } left
            ? new Effect.AdoptReplicaSet(left.Name, RestPlanner.NextNumber(seen))
            : new Effect.CreateReplicaSet(revision, replicas, RestPlanner.NextNumber(seen));

    private static IEnumerable<Effect> WriteReplicas(Observation seen) =>
        seen.Spec.Replicas is null ? [new Effect.SetReplicas(seen.Replicas)] : [];
}
