namespace RolloutController.Kubernetes.Models;

/// <summary>A lease (<c>coordination.k8s.io/v1</c>): who may act, and for how long after each sign of life.</summary>
public sealed record Lease : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init; } = new();

    /// <summary>Who holds the lease.</summary>
    public LeaseSpec Spec { get; init; } = new();
}

/// <summary>Who holds a lease and since when.</summary>
public sealed record LeaseSpec
{
    /// <summary>The holder; null or empty when nobody holds the lease.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>How many seconds a candidate waits after the last change that it saw before it takes the lease.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When the holder took the lease, by the holder's clock.</summary>
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When the holder last renewed the lease, by the holder's clock; never to be compared with another clock.</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the lease went from one holder to another.</summary>
    public int? LeaseTransitions { get; init; }
}
