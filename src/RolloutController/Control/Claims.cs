using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Who may move what. A Service, route, workload or set of pods belongs to one Rollout: the one that is moving it, else the oldest
/// that names it. Nothing is written on the objects for that, so they stay at rest as the user applied them.
/// </summary>
internal static class Claims
{
    /// <summary>What of a Rollout belongs to another.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="rivals">The others that may want the same.</param>
    public static IEnumerable<Problem> Lost(RolloutObject rollout, IEnumerable<RolloutObject> rivals)
    {
        foreach (var owner in rivals.Where(other => Precedes(other, rollout)))
        {
            foreach (var (field, what) in Shared(rollout, owner))
                yield return new Problem(EventReason.ClaimedByAnother, field, $"{what} belongs to Rollout {owner.Key} already; name another, or remove it there");
        }
    }

    /// <summary>Whether two Rollouts want the same thing.</summary>
    public static bool Overlap(RolloutObject one, RolloutObject other) => Shared(one, other).Any();

    private static IEnumerable<(string Field, string What)> Shared(RolloutObject rollout, RolloutObject owner)
    {
        if (rollout.Spec.WorkloadRef is { } workload && owner.Spec.WorkloadRef is { } taken && workload.Name == taken.Name)
            yield return ("spec.workloadRef", $"Deployment {workload.Name}");
        if (rollout.Spec.Selector is { } selector && owner.Spec.Selector is { } other && CanonicalJson.Hash(selector) == CanonicalJson.Hash(other))
            yield return ("spec.selector", "the set of pods that this selector selects");
        var traffic = rollout.Spec.Traffic;
        var held = owner.Status.State is Api.InFlight { Traffic: { } running } ? running : owner.Spec.Traffic;
        if (traffic is null || held is null)
            yield break;
        if (traffic.Service == held.Service)
            yield return ("spec.traffic.service", $"Service {traffic.Service}");
        foreach (var route in traffic.Routes.Where(held.Routes.Contains))
            yield return ("spec.traffic.routes", route.ToString());
    }

    private static bool Precedes(RolloutObject one, RolloutObject other)
    {
        var (oneMoves, otherMoves) = (one.Status.State is Api.InFlight, other.Status.State is Api.InFlight);
        if (oneMoves != otherMoves)
            return oneMoves;
        var age = one.Metadata.CreationTimestamp.CompareTo(other.Metadata.CreationTimestamp);
        return age < 0 || (age == 0 && string.CompareOrdinal(one.Metadata.Uid, other.Metadata.Uid) < 0);
    }
}
