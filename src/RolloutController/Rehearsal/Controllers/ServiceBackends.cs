using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>The pods behind Services, as endpoints list them, and the Services before pods.</summary>
internal sealed class ServiceBackends
{
    // By a label that a selector asks for: the Services of one namespace may be hundreds, and few of them select a pod.
    private readonly Dictionary<(string Namespace, string Label, string Value), HashSet<ObjectKey>> _services = [];

    /// <summary>The pods that a Service selects, that have an address and have not ended; null where endpoints are made by hand.</summary>
    public static IReadOnlyList<StoredObject>? Of(EmbeddedCluster cluster, StoredObject service) => SelectorOf(service) is { } selector
        ? [.. selector.Of(cluster, "pods", service.Namespace).Where(pod => pod.Address() is not null && !pod.HasEnded())]
        : null;

    /// <summary>The Services to look at after a change; of a pod's, those that may select it. To be told of each change, and of one at a time.</summary>
    public IEnumerable<ObjectKey> Concerned(ObjectChange change)
    {
        switch (change.Object.Plural)
        {
            case "services":
                Take(change);
                return [change.Object.Key()];
            case "pods" when Matters(change):
                return [.. Before(change.Old).Concat(Before(change.New)).Distinct()];
            default:
                return [];
        }
    }

    private void Take(ObjectChange change)
    {
        if (Place(change.Old) is { } before && _services.GetValueOrDefault(before) is { } others && others.Remove(change.Object.Key()) && others.Count == 0)
            _services.Remove(before);
        if (Place(change.New) is not { } place)
            return;
        if (!_services.TryGetValue(place, out var services))
            _services[place] = services = [];
        services.Add(change.Object.Key());
    }

    private IEnumerable<ObjectKey> Before(StoredObject? pod) =>
        (pod?.Labels() ?? []).SelectMany(label => _services.GetValueOrDefault((pod!.Namespace, label.Key, (string?)label.Value ?? "")) ?? []);

    private static (string Namespace, string Label, string Value)? Place(StoredObject? service) =>
        service is not null && SelectorOf(service)?.Certain is var (label, value) ? (service.Namespace, label, value) : null;

    private static WorkloadSelector? SelectorOf(StoredObject service) =>
        service.Json.Text("spec", "type") == "ExternalName" ? null : WorkloadSelector.OfService(service.Json.At("spec", "selector"));

    /// <summary>Whether a change of a pod can change endpoints.</summary>
    private static bool Matters(ObjectChange change) => change is not { Old: { } old, New: { } now }
        || old.Address() != now.Address()
        || old.IsReady() != now.IsReady()
        || old.IsDeleting() != now.IsDeleting()
        || old.HasEnded() != now.HasEnded()
        || !JsonNode.DeepEquals(old.Labels(), now.Labels());
}
