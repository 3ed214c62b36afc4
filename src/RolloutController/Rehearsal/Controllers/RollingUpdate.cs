using RolloutController.Rehearsal.Cluster;
using static RolloutController.Rehearsal.Controllers.DeploymentRevisions;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>One move of a Deployment from old pods to new ones: <c>k8s.io/kubernetes/pkg/controller/deployment/rolling.go</c> and <c>recreate.go</c>.</summary>
internal static class RollingUpdate
{
    /// <summary>Moves as far as the limits allow now.</summary>
    public static void Move(DeploymentRead deployment, DeploymentRevisions revisions)
    {
        if (revisions.New is not { } current || revisions.Scale(current, NewReplicas(deployment, current, revisions.All)))
            return;
        var most = revisions.All.Sum(Wanted) - (deployment.Replicas - deployment.MaxUnavailable) - (Wanted(current) - Available(current));
        if (most > 0 && revisions.Old.Sum(Wanted) > 0)
        {
            DropUnavailable(revisions, most);
            DropAvailable(deployment, revisions);
        }
    }

    /// <summary>Ends all old pods, before there is a new one.</summary>
    /// <returns>Whether none is left.</returns>
    public static bool Clear(DeploymentRevisions revisions)
    {
        foreach (var set in revisions.Old)
            revisions.Scale(set, 0);
        return revisions.Old.All(set => Wanted(set) == 0);
    }

    /// <summary>How many replicas the new ReplicaSet may have now.</summary>
    /// <param name="deployment">The Deployment.</param>
    /// <param name="current">The new ReplicaSet; null where it is yet to be made.</param>
    /// <param name="all">All ReplicaSets.</param>
    public static int NewReplicas(DeploymentRead deployment, StoredObject? current, IReadOnlyList<StoredObject> all)
    {
        var present = current is null ? 0 : Wanted(current);
        if (deployment.Recreates || present >= deployment.Replicas)
            return deployment.Replicas;
        var room = deployment.Replicas + deployment.MaxSurge - all.Sum(Wanted);
        return present + Math.Clamp(room, 0, deployment.Replicas - present);
    }

    /// <summary>Old pods that serve nobody go first.</summary>
    private static void DropUnavailable(DeploymentRevisions revisions, int most)
    {
        foreach (var set in revisions.Old)
        {
            var drop = Math.Min(most, Wanted(set) - Available(set));
            if (drop <= 0)
                continue;
            revisions.Scale(set, Wanted(set) - drop);
            most -= drop;
        }
    }

    private static void DropAvailable(DeploymentRead deployment, DeploymentRevisions revisions)
    {
        var spare = revisions.All.Sum(Available) - (deployment.Replicas - deployment.MaxUnavailable);
        foreach (var set in revisions.Old)
        {
            var drop = Math.Min(spare, Wanted(set));
            if (drop <= 0)
                continue;
            revisions.Scale(set, Wanted(set) - drop);
            spare -= drop;
        }
    }
}
