using RolloutController.Rehearsal.Cluster;
using static RolloutController.Rehearsal.Controllers.DeploymentRevisions;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Brings the ReplicaSets of a Deployment to another count of pods without moving from one to the next:
/// <c>scale</c> in <c>k8s.io/kubernetes/pkg/controller/deployment/sync.go</c>.
/// </summary>
internal static class ProportionalScaling
{
    /// <summary>Whether the Deployment was asked for another count since it scaled its ReplicaSets.</summary>
    public static bool IsDue(DeploymentRead deployment, DeploymentRevisions revisions) =>
        revisions.All.Any(set => Wanted(set) > 0 && Desired(set) is { } desired && desired != deployment.Replicas);

    /// <summary>Scales.</summary>
    public static void Scale(DeploymentRead deployment, DeploymentRevisions revisions)
    {
        var active = revisions.All.Where(set => Wanted(set) > 0).ToList();
        var current = revisions.New;
        if (active.Count <= 1)
        {
            if ((active is [var one] ? one : current ?? (revisions.All is [.., var latest] ? latest : null)) is { } only)
                revisions.Scale(only, deployment.Replicas);
        }
        else if (current is not null && Desired(current) == deployment.Replicas && Wanted(current) == deployment.Replicas && Available(current) == deployment.Replicas)
        {
            foreach (var set in revisions.Old.Where(set => Wanted(set) > 0))
                revisions.Scale(set, 0);
        }
        else if (!deployment.Recreates)
        {
            Spread(deployment, revisions, active);
        }
    }

    /// <summary>Each ReplicaSet takes its part of what is to be added or removed; what rounding leaves goes to the largest.</summary>
    private static void Spread(DeploymentRead deployment, DeploymentRevisions revisions, List<StoredObject> active)
    {
        var allowed = deployment.Replicas > 0 ? deployment.Replicas + deployment.MaxSurge : 0;
        var left = allowed - active.Sum(Wanted);
        var largestFirst = (left > 0
            ? active.OrderByDescending(Wanted).ThenByDescending(set => set.CreatedAt())
            : active.OrderByDescending(Wanted).ThenBy(set => set.CreatedAt())).ThenBy(set => set.Name, StringComparer.Ordinal).ToList();
        var sizes = new List<int>();
        foreach (var set in largestFirst)
        {
            var part = left > 0 ? Math.Min(Part(set, deployment), left) : Math.Max(Part(set, deployment), left);
            part = left == 0 ? 0 : part;
            sizes.Add(Wanted(set) + part);
            left -= part;
        }

        sizes[0] = Math.Max(0, sizes[0] + left);
        foreach (var (set, size) in largestFirst.Zip(sizes))
            revisions.Scale(set, size);
    }

    private static int Part(StoredObject set, DeploymentRead deployment)
    {
        if (deployment.Replicas == 0)
            return -Wanted(set);
        var before = Most(set) is { } most and > 0 ? most : deployment.Object.Json.Integer("status", "replicas");
        return before == 0 ? 0 : (int)Math.Round((double)Wanted(set) * (deployment.Replicas + deployment.MaxSurge) / before, MidpointRounding.AwayFromZero) - Wanted(set);
    }
}
