using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Lists the pods behind each Service in the older Endpoints as well, which people and tools still read; deprecated since Kubernetes 1.33.
/// </summary>
/// <param name="cluster">The cluster.</param>
public sealed class EndpointsController(EmbeddedCluster cluster) : SimulatedController(cluster)
{
    private const string Plural = "endpoints";

    private readonly ServiceBackends _backends = new();

    private protected override IReadOnlyList<string> Watched => ["services", "pods", Plural];

    private protected override IEnumerable<ObjectKey> Concerned(ObjectChange change) =>
        change.Object.Plural == Plural ? [change.Object.Key()] : _backends.Concerned(change);

    private protected override void Reconcile(ObjectKey key)
    {
        if (Cluster.Find("services", key.Namespace, key.Name) is not { } service)
        {
            // They have the name of their Service and no owner.
            Cluster.Delete(Plural, key.Namespace, key.Name);
            return;
        }

        if (ServiceBackends.Of(Cluster, service) is not { } pods)
            return;
        var subsets = Subsets(service, [.. pods.Where(pod => !pod.IsDeleting())]);
        if (Cluster.Change(Plural, key.Namespace, key.Name, json => Fill(json, subsets)) is null)
            Cluster.Create(Plural, Fill(Empty(service), subsets));
    }

    private static JsonArray Subsets(StoredObject service, IReadOnlyList<StoredObject> pods)
    {
        var anyway = service.Json.Flag("spec", "publishNotReadyAddresses");
        return new([.. pods.GroupBy(pod => ServicePorts.Of(service, pod)).Select(group =>
        {
            var subset = new JsonObject();
            Add(subset, "addresses", group.Where(pod => pod.IsReady() || anyway));
            Add(subset, "notReadyAddresses", group.Where(pod => !pod.IsReady() && !anyway));
            subset["ports"] = group.Key.ToJson();
            return subset;
        })]);
    }

    private static void Add(JsonObject subset, string field, IEnumerable<StoredObject> pods)
    {
        var addresses = pods.Select(Address).ToArray<JsonNode?>();
        if (addresses.Length > 0)
            subset[field] = new JsonArray(addresses);
    }

    private static JsonObject Address(StoredObject pod) => new()
    {
        ["ip"] = pod.Address(),
        ["nodeName"] = pod.NodeName(),
        ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
    };

    private static JsonObject Empty(StoredObject service) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Endpoints",
        ["metadata"] = new JsonObject
        {
            ["name"] = service.Name,
            ["namespace"] = service.Namespace,
            ["labels"] = service.Labels()?.DeepClone() ?? new JsonObject(),
        },
    };

    private static JsonObject Fill(JsonObject endpoints, JsonArray subsets)
    {
        if (subsets.Count == 0)
            endpoints.Remove("subsets");
        else
            endpoints["subsets"] = subsets.DeepClone();
        return endpoints;
    }
}
