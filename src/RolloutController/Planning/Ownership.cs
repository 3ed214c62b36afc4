using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// What becomes of a Deployment's ReplicaSets when its Rollout is deleted, which at rest nothing holds up: those with pods go back, where
/// the user wants that. Those without pods never do: a paused Deployment that gets one of them back first would fill it with pods.
/// </summary>
internal static class Ownership
{
    /// <summary>Whether a ReplicaSet with so many pods goes back to the Deployment.</summary>
    public static bool Returns(RolloutSpec spec, int replicas) => spec.DeletionPolicy == DeletionPolicy.Restore && replicas > 0;

    /// <summary>Adds to a decision that does nothing else what a change of <c>spec.deletionPolicy</c> asks for.</summary>
    public static Decision Settle(Observation seen, Decision decision) =>
        seen.Workload is null || seen.Rollout.DeletedAt is not null || decision.Effects.Count > 0
            ? decision
            : decision with
            {
                Effects = [.. seen.Revisions.Where(set => set.Returns != Returns(seen.Spec, set.Replicas)).Select(set => new Effect.SetOwners(set.Name))],
            };
}
