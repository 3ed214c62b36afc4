using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>Lists the pods behind each Service in EndpointSlices, as <c>k8s.io/endpointslice</c> does for IPv4.</summary>
/// <param name="cluster">The cluster.</param>
public sealed class EndpointSliceController(EmbeddedCluster cluster) : SimulatedController(cluster)
{
    private const string Plural = "endpointslices";
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string Manager = "endpointslice-controller.k8s.io";
    private const int MaxEndpoints = 100;

    private readonly ServiceBackends _backends = new();

    private protected override IReadOnlyList<string> Watched => ["services", "pods", Plural];

    private protected override IEnumerable<ObjectKey> Concerned(ObjectChange change) => change.Object.Plural == Plural
        ? change.Object.Label(EndpointSlice.ServiceNameLabel) is { } service ? [new ObjectKey(change.Object.Namespace, service)] : []
        : _backends.Concerned(change);

    private protected override void Reconcile(ObjectKey key)
    {
        // The slices of a Service that is gone go with their owner.
        if (Cluster.Find("services", key.Namespace, key.Name) is not { } service || service.IsDeleting() || ServiceBackends.Of(Cluster, service) is not { } pods)
            return;
        var wanted = Slices(service, pods);
        var present = Cluster.Labelled(Plural, key.Namespace, EndpointSlice.ServiceNameLabel, key.Name)
            .Where(slice => slice.Label(ManagedBy) == Manager && !slice.IsDeleting())
            .ToList();
        foreach (var (slice, contents) in present.Zip(wanted))
            Cluster.Change(Plural, slice.Namespace, slice.Name, json => Fill(json, contents));
        foreach (var contents in wanted.Skip(present.Count))
            Cluster.Create(Plural, Slice(service, contents));
        foreach (var slice in present.Skip(wanted.Count))
            Cluster.Delete(Plural, slice.Namespace, slice.Name);
    }

    /// <summary>The endpoints, one list for each slice. A Service without any pod has one slice all the same.</summary>
    private static List<(JsonArray? Ports, JsonArray? Endpoints)> Slices(StoredObject service, IReadOnlyList<StoredObject> pods)
    {
        var anyway = service.Json.Flag("spec", "publishNotReadyAddresses");
        var slices = pods
            .GroupBy(pod => ServicePorts.Of(service, pod))
            .SelectMany(group => group.Chunk(MaxEndpoints).Select(chunk => (
                (JsonArray?)group.Key.ToJson(),
                (JsonArray?)new JsonArray([.. chunk.Select(pod => Endpoint(pod, anyway))]))))
            .ToList();
        return slices.Count > 0 ? slices : [(null, null)];
    }

    private static JsonObject Endpoint(StoredObject pod, bool publishNotReady)
    {
        var (serving, terminating) = (pod.IsReady(), pod.IsDeleting());
        var endpoint = new JsonObject
        {
            ["addresses"] = new JsonArray(pod.Address()),
            ["conditions"] = new JsonObject { ["ready"] = (serving || publishNotReady) && !terminating, ["serving"] = serving, ["terminating"] = terminating },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = pod.Namespace, ["name"] = pod.Name, ["uid"] = pod.Uid },
        };
        if (pod.NodeName() is { } node)
            endpoint["nodeName"] = node;
        return endpoint;
    }

    private static JsonObject Slice(StoredObject service, (JsonArray?, JsonArray?) contents)
    {
        var labels = service.Labels()?.DeepClone().AsObject() ?? [];
        labels[EndpointSlice.ServiceNameLabel] = service.Name;
        labels[ManagedBy] = Manager;
        if (service.Json.Text("spec", "clusterIP") == "None")
            labels["service.kubernetes.io/headless"] = "";
        var slice = new JsonObject
        {
            ["apiVersion"] = "discovery.k8s.io/v1",
            ["kind"] = "EndpointSlice",
            ["metadata"] = new JsonObject
            {
                ["generateName"] = $"{service.Name}-",
                ["namespace"] = service.Namespace,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Service",
                    ["name"] = service.Name,
                    ["uid"] = service.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["addressType"] = "IPv4",
        };
        Fill(slice, contents);
        return slice;
    }

    private static void Fill(JsonObject slice, (JsonArray? Ports, JsonArray? Endpoints) contents)
    {
        slice["endpoints"] = contents.Endpoints;
        slice["ports"] = contents.Ports;
    }
}
