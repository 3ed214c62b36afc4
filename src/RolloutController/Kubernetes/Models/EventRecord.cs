namespace RolloutController.Kubernetes;

/// <summary>An event as <c>events.k8s.io/v1</c> keeps it: what is needed to count on.</summary>
public sealed record EventRecord : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The series, or null while the event happened once.</summary>
    public EventSeriesCount? Series { get; init; }
}

/// <summary>A series of equal events.</summary>
public sealed record EventSeriesCount
{
    /// <summary>How often it happened.</summary>
    public int Count { get; init; }
}
