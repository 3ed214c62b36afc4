using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>Runs Deployments by ReplicaSets, as <c>k8s.io/kubernetes/pkg/controller/deployment</c> does.</summary>
/// <param name="cluster">The cluster.</param>
public sealed class DeploymentController(EmbeddedCluster cluster) : SimulatedController(cluster)
{
    internal const string Kind = "Deployment";

    private const string Plural = "deployments";

    private protected override IReadOnlyList<string> Watched => [Plural, "replicasets"];

    private protected override IEnumerable<ObjectKey> Concerned(ObjectChange change) =>
        change.Object.Plural == Plural ? [change.Object.Key()] : Adoption.Concerned(change, Kind);

    private protected override void Reconcile(ObjectKey key)
    {
        if (key.Name.Length == 0)
        {
            foreach (var one in Cluster.List(Plural, key.Namespace))
                LookAgain(one.Key());
            return;
        }

        if (Cluster.Find(Plural, key.Namespace, key.Name) is not { } found || WorkloadSelector.OfWorkload(found.Json.At("spec", "selector")) is not { } selector)
            return;
        var deployment = new DeploymentRead(found);
        var revisions = new DeploymentRevisions(Cluster, deployment, new Adoption(Cluster, found, Kind).Claim("replicasets", selector));
        var rolling = !found.IsDeleting() && Act(deployment, revisions);

        var report = new DeploymentStatusReport(deployment, revisions, Clock.GetUtcNow());
        Cluster.Change(Plural, key.Namespace, key.Name, json => report.Write(json, rolling), "status");
        if (report.LateAt is { } late)
            LookAgain(key, late - Clock.GetUtcNow());
    }

    /// <summary>Acts on the ReplicaSets.</summary>
    /// <returns>Whether pods were moved to the newest template, as far as they could be; a paused or resized Deployment is only scaled.</returns>
    private bool Act(DeploymentRead deployment, DeploymentRevisions revisions)
    {
        if (deployment.IsPaused || ProportionalScaling.IsDue(deployment, revisions))
        {
            revisions.Sync(create: false);
            ProportionalScaling.Scale(deployment, revisions);
            return false;
        }

        if (deployment.Recreates)
        {
            revisions.Sync(create: false);
            if (!RollingUpdate.Clear(revisions) || HasOldPods(revisions))
            {
                LookAgain(deployment.Object.Key(), TimeSpan.FromSeconds(1));
                return true;
            }
        }

        revisions.Sync(create: true);
        RollingUpdate.Move(deployment, revisions);
        revisions.Prune();
        return true;
    }

    private bool HasOldPods(DeploymentRevisions revisions)
    {
        var old = revisions.Old.Select(set => set.Uid).ToList();
        return old.Count > 0 && Cluster.List("pods", revisions.Old[0].Namespace).Any(pod => !pod.HasEnded() && pod.Controller().Text("uid") is { } owner && old.Contains(owner));
    }
}
