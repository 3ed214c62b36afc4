namespace RolloutController.Kubernetes;

/// <summary>A Lease: who leads, and since when.</summary>
public sealed record Lease : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The record of the election.</summary>
    public LeaseSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>The record of an election.</summary>
public sealed record LeaseSpec
{
    /// <summary>Who leads; empty where the last one let go.</summary>
    public string HolderIdentity { get; init => field = value ?? ""; } = "";

    /// <summary>How long others wait after they saw the last change, in seconds; null where it was never set.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the holder began to lead, by its own clock.</summary>
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When the holder last renewed, by its own clock: never compare it with another one.</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the lead changed hands.</summary>
    public int? LeaseTransitions { get; init; }
}
