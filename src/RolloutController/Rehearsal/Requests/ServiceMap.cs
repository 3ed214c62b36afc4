using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Requests;

/// <summary>An endpoint that takes requests.</summary>
/// <param name="Pod">The uid of its pod.</param>
/// <param name="Address">Its IP address.</param>
/// <param name="Port">The pod's port; 0 where the Service names none.</param>
internal sealed record Endpoint(string Pod, string Address, int Port);

/// <summary>What stands behind Services, as proxies know it: the pods, and the endpoints of slices.</summary>
internal sealed class ServiceMap
{
    private readonly Dictionary<string, StoredObject> _pods = [];
    private readonly SortedDictionary<string, StoredObject> _slices = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, StoredObject> _services = [];
    private readonly Dictionary<ObjectKey, IReadOnlyList<Endpoint>> _endpoints = [];

    /// <summary>The kinds that matter here.</summary>
    public static IReadOnlyList<string> Watched { get; } = ["pods", "services", "endpointslices"];

    /// <summary>Takes note of a change.</summary>
    public void Take(ObjectChange change)
    {
        var item = change.Object;
        switch (item.Plural)
        {
            case "pods":
                Put(_pods, item.Uid, change.New);
                break;
            case "services":
                Put(_services, item.Key(), change.New);
                break;
            case "endpointslices":
                Put(_slices, $"{item.Namespace}/{item.Name}", change.New);
                _endpoints.Clear();
                break;
        }
    }

    /// <summary>A pod; null when it is gone.</summary>
    public StoredObject? Pod(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>The endpoints of a Service that take new requests, in the order of slices.</summary>
    public IReadOnlyList<Endpoint> Endpoints(ObjectKey service)
    {
        if (!_endpoints.TryGetValue(service, out var endpoints))
            _endpoints[service] = endpoints = [.. _slices.Values.Where(slice => IsOf(slice, service)).SelectMany(Ready).DistinctBy(endpoint => endpoint.Pod)];
        return endpoints;
    }

    /// <summary>The revision that a Service selects; nothing where it selects none or is not there.</summary>
    public string Revision(ObjectKey service) =>
        _services.GetValueOrDefault(service)?.Json.Text("spec", "selector", PodTemplateDigest.HashLabel) ?? "";

    /// <summary>The port of a Service that a route means: the one that it names, or the first.</summary>
    public int Port(ObjectKey service, int named) =>
        named > 0 ? named : _services.GetValueOrDefault(service)?.Json.Items("spec", "ports").FirstOrDefault().Integer("port") ?? 0;

    private static bool IsOf(StoredObject slice, ObjectKey service) =>
        slice.Namespace == service.Namespace && slice.Label(EndpointSlice.ServiceNameLabel) == service.Name;

    private static IEnumerable<Endpoint> Ready(StoredObject slice)
    {
        var port = slice.Json.Items("ports").FirstOrDefault().Integer("port");
        return slice.Json.Items("endpoints")
            .Where(endpoint => endpoint.At("conditions", "ready") is null || endpoint.Flag("conditions", "ready"))
            .Select(endpoint => new Endpoint(endpoint.Text("targetRef", "uid") ?? "", (string?)(endpoint.At("addresses") as JsonArray)?.FirstOrDefault() ?? "", port));
    }

    private static void Put<TKey>(IDictionary<TKey, StoredObject> items, TKey key, StoredObject? item)
    {
        if (item is null)
            items.Remove(key);
        else if (!items.TryGetValue(key, out var known) || known.Version < item.Version)
            items[key] = item;
    }
}
