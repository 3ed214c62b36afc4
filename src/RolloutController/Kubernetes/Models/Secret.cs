using System.Text;

namespace RolloutController.Kubernetes;

/// <summary>A Secret.</summary>
public sealed record Secret : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The values by their keys, in base64.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init => field = value ?? Defaults.Map; } = Defaults.Map;

    // A record writes all that it holds, and this must not end up in a log.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Secret ").Append(Metadata.Key);
        return true;
    }
}
