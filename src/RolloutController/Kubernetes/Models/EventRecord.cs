namespace RolloutController.Kubernetes.Models;

/// <summary>An event (<c>events.k8s.io/v1</c>); only its identity is ever read back.</summary>
public sealed record EventRecord : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init; } = new();
}
