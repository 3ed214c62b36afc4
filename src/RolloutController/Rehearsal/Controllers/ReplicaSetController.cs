using System.Net;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>Keeps as many pods of each ReplicaSet as it asks for, as <c>k8s.io/kubernetes/pkg/controller/replicaset</c> does.</summary>
/// <param name="cluster">The cluster.</param>
public sealed class ReplicaSetController(EmbeddedCluster cluster) : SimulatedController(cluster)
{
    private const string Plural = "replicasets";
    private const string Kind = "ReplicaSet";

    private protected override IReadOnlyList<string> Watched => [Plural, "pods"];

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

        if (Cluster.Find(Plural, key.Namespace, key.Name) is not { } set || WorkloadSelector.OfWorkload(set.Json.At("spec", "selector")) is not { } selector)
            return;
        var adoption = new Adoption(Cluster, set, Kind);
        var pods = adoption.Claim("pods", selector, PodReading.IsActive).ToList();
        ApiFailure? refused = null;
        try
        {
            if (!set.IsDeleting())
                Scale(set, adoption, pods);
        }
        catch (ApiFailure failure) when (failure.Code != HttpStatusCode.NotFound)
        {
            refused = failure;
        }

        var status = new ReplicaSetStatusReport(set, pods, Clock.GetUtcNow());
        Cluster.Change(Plural, set.Namespace, set.Name, json => status.Write(json, refused), "status");
        if (status.NextAvailable is { } next)
            LookAgain(key, next - Clock.GetUtcNow());
        if (refused is not null)
            throw refused;
    }

    /// <summary>Brings the pods to the count that is asked for.</summary>
    private void Scale(StoredObject set, Adoption adoption, List<StoredObject> pods)
    {
        var surplus = pods.Count - set.Json.Integer("spec", "replicas");
        foreach (var pod in PodDeletionOrder.Sort(pods, Clock.GetUtcNow()).Take(surplus))
        {
            Cluster.Delete("pods", pod.Namespace, pod.Name);
            pods.Remove(pod);
        }

        for (; surplus < 0; surplus++)
            pods.Add(Cluster.Create("pods", adoption.NewPod()));
    }
}
