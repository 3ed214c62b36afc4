using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Gives Deployments back when the Rollout that took their pods over is gone. The garbage collector leaves their ReplicaSets, because
/// the Deployment stayed an owner; the Deployment, still paused, takes them back, and then it is let go on. That rests on nothing but
/// the annotation on the Deployment, so it works for Rollouts that were deleted while no controller ran.
/// </summary>
internal sealed class WorkloadReturn(IKubernetesClient client, Caches caches, IEventSink events)
{
    /// <summary>Called with the Deployment that may have to be given back.</summary>
    public event Action<ObjectKey>? Wanted;

    /// <summary>Looks for Deployments of a namespace whose Rollout is gone.</summary>
    public void Look(string @namespace)
    {
        foreach (var deployment in caches.Deployments.List().Where(deployment => deployment.Metadata.Namespace == @namespace && IsOrphan(deployment)))
            Wanted?.Invoke(deployment.Metadata.Key);
    }

    /// <summary>Watches Deployments and ReplicaSets for ones to give back.</summary>
    public void Watch()
    {
        caches.Deployments.Changed += change => Ask(change.New);
        caches.ReplicaSets.Changed += change =>
        {
            if (change.New?.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Kind == KubernetesKinds.Deployment.Kind) is { } owner)
                Ask(caches.Deployments.Get(new ObjectKey(change.New.Metadata.Namespace, owner.Name)));
        };
    }

    /// <summary>Gives one Deployment back, once its pods are its own again.</summary>
    public async Task GiveBackAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (caches.Deployments.Get(key) is not { } deployment || !IsOrphan(deployment))
            return;
        var sets = caches.ReplicaSetsOwnedBy(deployment.Metadata.Uid);
        if (sets.Any(set => set.Spec.Replicas > 0 && set.Metadata.Controller?.Uid != deployment.Metadata.Uid))
            return;

        // Letting a Deployment go on whose template is not what runs would replace every pod at once by a version that nobody promoted;
        // and where deletionPolicy removed the pods, it would bring them back.
        var runs = sets.Where(set => set.Spec.Replicas > 0).ToList();
        var same = runs.Count > 0 && deployment.Spec.Template is { } template && runs.All(set => !set.Spec.Template.NamesCopies && set.Spec.Template.Hash == PodTemplateDigest.Of(template).Hash);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["resourceVersion"] = deployment.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [Names.TakenOverBy] = null },
            },
        };
        if (same)
            patch["spec"] = new JsonObject { ["paused"] = false };
        caches.Deployments.Remember(await client.PatchAsync(KubernetesKinds.Deployment, key, Patch.Merge(patch), cancellationToken));
        events.Record(deployment, same
            ? new Notice(EventReason.WorkloadReturned, "its Rollout is gone; it has its pods back and goes on")
            : new Notice(EventReason.WorkloadStaysPaused, $"its Rollout is gone; it stays paused, because no pods of its template are running; check it, then: kubectl rollout resume deployment/{key.Name}", Severity.P2));
    }

    private void Ask(Deployment? deployment)
    {
        if (deployment is not null && IsOrphan(deployment))
            Wanted?.Invoke(deployment.Metadata.Key);
    }

    private bool IsOrphan(Deployment deployment) =>
        deployment.Metadata.Annotations.ContainsKey(Names.TakenOverBy) && caches.Rollouts.HasSynced && caches.RolloutsOf(deployment).Count == 0;
}
