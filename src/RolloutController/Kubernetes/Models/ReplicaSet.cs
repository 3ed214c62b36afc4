using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>A ReplicaSet: the pods of one revision.</summary>
public sealed record ReplicaSet : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public ReplicaSetSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What is.</summary>
    public ReplicaSetStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>What a ReplicaSet wants.</summary>
public sealed record ReplicaSetSpec
{
    /// <summary>How many pods; the API fills in 1 where it was left out.</summary>
    public int Replicas { get; init; }

    /// <summary>The label selector of the pods, as it is written.</summary>
    public JsonElement? Selector { get; init; }

    /// <summary>The digest of the pod template.</summary>
    [JsonConverter(typeof(PodTemplateDigestConverter))]
    public PodTemplateDigest Template { get; init => field = value ?? PodTemplateDigest.Empty; } = PodTemplateDigest.Empty;
}

/// <summary>What a ReplicaSet has.</summary>
public sealed record ReplicaSetStatus
{
    /// <summary>The pods that exist.</summary>
    public int Replicas { get; init; }

    /// <summary>The pods that are ready.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>The pods that have been ready for <c>minReadySeconds</c>.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>The generation of the spec that this status answers.</summary>
    public long ObservedGeneration { get; init; }
}
