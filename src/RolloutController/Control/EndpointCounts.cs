using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>Counts endpoints.</summary>
internal static class EndpointCounts
{
    /// <summary>Ready endpoints by revision. An address that stands in several slices is one endpoint.</summary>
    /// <param name="slices">The slices of one Service.</param>
    /// <param name="caches">Where the pods are found that tell the revision.</param>
    public static Dictionary<string, int> Ready(this IEnumerable<EndpointSlice> slices, Caches caches) => slices
        .SelectMany(slice => slice.Endpoints.Select(endpoint => (slice.Metadata.Namespace, Endpoint: endpoint)))
        .Where(one => one.Endpoint.Conditions.Ready != false && one.Endpoint.TargetRef is not null)
        .Select(one => new ObjectKey(one.Namespace, one.Endpoint.TargetRef!.Name))
        .Distinct()
        .Select(caches.Pods.Get)
        .Where(pod => pod is { Metadata.DeletionTimestamp: null })
        .GroupBy(pod => pod!.Metadata.Labels.GetValueOrDefault(Names.RevisionLabel, ""))
        .ToDictionary(pods => pods.Key, pods => pods.Count());
}
