using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>A Deployment whose template and pods a Rollout may take over.</summary>
public sealed record Deployment : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public DeploymentSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What is.</summary>
    public DeploymentStatus Status { get; init => field = value ?? new(); } = new();
}

/// <summary>What a Deployment wants.</summary>
public sealed record DeploymentSpec
{
    /// <summary>How many pods; the API fills in 1 where it was left out.</summary>
    public int Replicas { get; init; }

    /// <summary>Whether the Deployment leaves its ReplicaSets alone.</summary>
    public bool Paused { get; init; }

    /// <summary>The label selector of the pods, as it is written.</summary>
    public JsonElement? Selector { get; init; }

    /// <summary>The pod template, as it is written: it travels on with every field.</summary>
    public JsonElement? Template { get; init; }

    /// <summary>How long a pod is to be ready before it counts as available, in seconds.</summary>
    public int MinReadySeconds { get; init; }

    /// <summary>How many old ReplicaSets are kept; null where the API said nothing.</summary>
    public int? RevisionHistoryLimit { get; init; }
}

/// <summary>What a Deployment has.</summary>
public sealed record DeploymentStatus
{
    /// <summary>The generation of the spec that this status answers.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>The pods that exist.</summary>
    public int Replicas { get; init; }

    /// <summary>The pods of the newest template.</summary>
    public int UpdatedReplicas { get; init; }

    /// <summary>The pods that have been ready for <c>minReadySeconds</c>.</summary>
    public int AvailableReplicas { get; init; }
}
