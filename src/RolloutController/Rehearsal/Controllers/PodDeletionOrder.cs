using System.Globalization;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Which pods go first when there are too many: <c>ActivePodsWithRanks</c> in <c>k8s.io/kubernetes/pkg/controller/controller_utils.go</c>,
/// but for the count of pods on a node, as all of these are on one.
/// </summary>
internal static class PodDeletionOrder
{
    private const string CostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

    /// <summary>The pods, the first to go first.</summary>
    public static IEnumerable<StoredObject> Sort(IEnumerable<StoredObject> pods, DateTimeOffset now) => pods
        .OrderBy(pod => pod.NodeName() is not null)
        .ThenBy(pod => pod.Json.Text("status", "phase") switch { "Running" => 2, "Unknown" => 1, _ => 0 })
        .ThenBy(PodReading.IsReady)
        .ThenBy(Cost)
        .ThenBy(pod => AgeRank(pod.ReadySince(), now))
        .ThenByDescending(PodReading.Restarts)
        .ThenBy(pod => AgeRank(pod.CreatedAt(), now))
        .ThenBy(pod => pod.Uid, StringComparer.Ordinal);

    private static int Cost(StoredObject pod) =>
        int.TryParse(pod.Annotation(CostAnnotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    /// <summary>Ages count by their order of magnitude, so that among pods of about one age chance decides (KEP-2185).</summary>
    private static int AgeRank(DateTimeOffset? since, DateTimeOffset now) =>
        since is { } time && time < now ? (int)Math.Log2((now - time).TotalNanoseconds) : -1;
}
