using System.Globalization;
using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>A Deployment as its controller reads it.</summary>
internal sealed record DeploymentRead(StoredObject Object)
{
    private static readonly IntOrPercent DefaultLimit = IntOrPercent.Percent(25);

    public JsonNode Spec { get; } = Object.Json.At("spec") ?? new JsonObject();

    public int Replicas => (int)(Spec.Number("replicas") ?? 1);

    public bool IsPaused => Spec.Flag("paused");

    public bool Recreates => Spec.Text("strategy", "type") == "Recreate";

    public int HistoryLimit => (int)(Spec.Number("revisionHistoryLimit") ?? 10);

    public TimeSpan ProgressDeadline => TimeSpan.FromSeconds(Spec.Number("progressDeadlineSeconds") ?? 600);

    /// <summary>How many pods there may be beyond the replicas.</summary>
    public int MaxSurge => Recreates ? 0 : Limit("maxSurge").RoundedUp(Replicas);

    /// <summary>How many pods may be missing; never 0 together with <see cref="MaxSurge"/>, or nothing could move.</summary>
    public int MaxUnavailable => Recreates || Replicas == 0 ? 0
        : Math.Min(Replicas, Math.Max(Limit("maxUnavailable").RoundedDown(Replicas), MaxSurge == 0 ? 1 : 0));

    /// <summary>The pod template, without what a controller or an encoder adds to it.</summary>
    public JsonNode Template { get; } = Bare(Object.Json.At("spec", "template"));

    /// <summary>A copy of a pod template without what a controller or an encoder adds to it.</summary>
    public static JsonNode Bare(JsonNode? template)
    {
        var bare = template?.DeepClone() ?? new JsonObject();
        if (bare.At("metadata") is JsonObject metadata)
        {
            metadata.Remove("creationTimestamp");
            if (metadata["labels"] is JsonObject labels)
                labels.Remove(Kubernetes.PodTemplateDigest.HashLabel);
        }

        return bare;
    }

    private IntOrPercent Limit(string field) => Spec.Number("strategy", "rollingUpdate", field) is { } count ? IntOrPercent.Count((int)count)
        : int.TryParse(Spec.Text("strategy", "rollingUpdate", field)?.TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? IntOrPercent.Percent(percent)
        : DefaultLimit;
}
