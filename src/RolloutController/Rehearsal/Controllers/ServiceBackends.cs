using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>The pods behind a Service, as endpoints list them.</summary>
internal static class ServiceBackends
{
    /// <summary>The pods that a Service selects, that have an address and have not ended; null where endpoints are made by hand.</summary>
    public static IReadOnlyList<StoredObject>? Of(EmbeddedCluster cluster, StoredObject service) =>
        service.Json.Text("spec", "type") == "ExternalName" || WorkloadSelector.OfService(service.Json.At("spec", "selector")) is not { } selector
            ? null
            : [.. cluster.List("pods", service.Namespace).Where(pod => pod.Address() is not null && !pod.HasEnded() && selector.Matches(pod.Labels()))];

    /// <summary>The Services to look at after a change: of a pod's, all of the namespace, as only the cluster knows which select it.</summary>
    public static IEnumerable<ObjectKey> Concerned(ObjectChange change) => change.Object.Plural switch
    {
        "services" => [change.Object.Key()],
        "pods" when Matters(change) => [new ObjectKey(change.Object.Namespace, "")],
        _ => [],
    };

    /// <summary>Whether a change of a pod can change endpoints.</summary>
    private static bool Matters(ObjectChange change) => change is not { Old: { } old, New: { } now }
        || old.Address() != now.Address()
        || old.IsReady() != now.IsReady()
        || old.IsDeleting() != now.IsDeleting()
        || old.HasEnded() != now.HasEnded()
        || !System.Text.Json.Nodes.JsonNode.DeepEquals(old.Labels(), now.Labels());
}
