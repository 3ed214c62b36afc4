using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal;

/// <summary>What controllers ask of a pod, in the terms of <c>k8s.io/kubernetes/pkg/api/v1/pod</c>.</summary>
internal static class PodReading
{
    /// <summary>Whether the pod has ended and will not run again.</summary>
    public static bool HasEnded(this StoredObject pod) => pod.Json.Text("status", "phase") is "Succeeded" or "Failed";

    /// <summary>Whether a workload counts the pod: it has not ended and was not asked to go.</summary>
    public static bool IsActive(this StoredObject pod) => !pod.HasEnded() && !pod.IsDeleting();

    /// <summary>Whether the pod was made for a Job.</summary>
    public static bool IsOfJob(this StoredObject pod) => pod.Label("job-name") is not null;

    public static bool IsReady(this StoredObject pod) => Ready(pod).Text("status") == "True";

    /// <summary>Since when the pod is ready; null while it is not.</summary>
    public static DateTimeOffset? ReadySince(this StoredObject pod) => pod.IsReady() ? Ready(pod).Time("lastTransitionTime") ?? default(DateTimeOffset) : null;

    /// <summary>Since when the pod is, or will be, available; null while it is not ready.</summary>
    public static DateTimeOffset? AvailableFrom(this StoredObject pod, int minReadySeconds) =>
        pod.ReadySince() is { } since ? minReadySeconds == 0 ? since : since + TimeSpan.FromSeconds(minReadySeconds) : null;

    public static string? Address(this StoredObject pod) => pod.Json.Text("status", "podIP") is { Length: > 0 } address ? address : null;

    public static string? NodeName(this StoredObject pod) => pod.Json.Text("spec", "nodeName") is { Length: > 0 } node ? node : null;

    /// <summary>The label that tells the pods of one revision from those of the next; empty where there is none.</summary>
    public static string Revision(this StoredObject pod) => pod.Label(PodTemplateDigest.HashLabel) ?? "";

    public static int Restarts(this StoredObject pod) =>
        pod.Json.Items("status", "containerStatuses").Select(container => container.Integer("restartCount")).DefaultIfEmpty().Max();

    private static JsonNode? Ready(StoredObject pod) => pod.Json.Condition("Ready");
}
