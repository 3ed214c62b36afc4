using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>How many pods each revision is asked to have.</summary>
public static class ReplicaArithmetic
{
    /// <summary>
    /// Pods of the canary where routes make the split: its share of the replicas, rounded up, so that a pod of the canary gets
    /// no more requests than a pod of stable does at rest.
    /// </summary>
    /// <param name="replicas">Pods at rest, 0 or more.</param>
    /// <param name="weight">Percent, 0 to 100.</param>
    public static int CanaryForWeight(int replicas, int weight) => (int)(((long)replicas * weight + 99) / 100);

    /// <summary>
    /// Pods of both revisions where pod counts make the split: the nearest ratio, but at least one canary pod above 0 percent and
    /// at least one stable pod below 100.
    /// </summary>
    /// <param name="replicas">Pods at rest, 0 or more.</param>
    /// <param name="weight">Percent, 0 to 100.</param>
    public static (int Stable, int Canary) Split(int replicas, int weight)
    {
        if (replicas == 0 || weight == 0)
            return (replicas, 0);
        if (weight == 100)
            return (0, replicas);
        var canary = Math.Max(1, (int)Math.Round(replicas * weight / 100.0, MidpointRounding.AwayFromZero));
        return (Math.Max(1, replicas - canary), canary);
    }

    /// <summary>Percent of the pods that belong to the canary: the true ratio, not the one wished for.</summary>
    public static int TrueWeight(int canaryReady, int allReady) =>
        allReady == 0 ? 0 : (int)Math.Round(100.0 * canaryReady / allReady, MidpointRounding.AwayFromZero);

    /// <summary>
    /// The next pod counts on the way to the targets that keep, at every moment, at most replicas + surge pods in existence and at
    /// least replicas - unavailable pods available. Pods that are not available go first, because removing them takes nothing away.
    /// </summary>
    /// <param name="limits">The limits.</param>
    /// <param name="sets">All ReplicaSets with pods, in the order in which they may grow.</param>
    /// <returns>The counts that change, by ReplicaSet name.</returns>
    public static IReadOnlyDictionary<string, int> Next(SurgeLimits limits, IReadOnlyList<(RevisionSet Set, int Target)> sets)
    {
        var next = new Dictionary<string, int>();
        var room = limits.MaxTotal - sets.Sum(entry => entry.Set.Footprint);
        var spare = sets.Sum(entry => entry.Set.SureAvailable) - limits.MinAvailable;
        foreach (var (set, target) in sets)
        {
            if (set.Replicas < target && room > 0)
            {
                var added = Math.Min(target - set.Replicas, room);
                room -= added;
                next[set.Name] = set.Replicas + added;
            }
            else if (set.Replicas > target)
            {
                var surplus = set.Replicas - target;
                var unavailable = Math.Min(surplus, set.Replicas - set.SureAvailable);
                var available = Math.Clamp(spare, 0, surplus - unavailable);
                spare -= available;
                if (unavailable + available > 0)
                    next[set.Name] = set.Replicas - unavailable - available;
            }
        }

        return next;
    }
}

/// <summary>How far pod counts may stray from the replicas while pods are replaced.</summary>
/// <param name="MaxTotal">The most pods that may exist.</param>
/// <param name="MinAvailable">The fewest pods that have to be available.</param>
public readonly record struct SurgeLimits(int MaxTotal, int MinAvailable)
{
    private static readonly IntOrPercent DefaultSurge = IntOrPercent.Percent(25);

    /// <summary>
    /// The limits for a number of replicas, rounded as a Deployment rounds them: surge up, unavailable down, and one unavailable
    /// where both would come to nothing, because no pod could ever be replaced then.
    /// </summary>
    public static SurgeLimits For(RolloutSpec spec, int replicas)
    {
        var surge = (spec.MaxSurge ?? DefaultSurge).RoundedUp(replicas);
        var unavailable = Math.Min(replicas, spec.MaxUnavailable.RoundedDown(replicas));
        if (surge == 0 && unavailable == 0)
            unavailable = 1;
        return new SurgeLimits(replicas + surge, Math.Max(0, replicas - unavailable));
    }
}
