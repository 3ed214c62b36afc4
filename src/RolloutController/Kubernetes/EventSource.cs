namespace RolloutController.Kubernetes;

/// <summary>What an event is about.</summary>
/// <param name="ApiVersion">The object's <c>apiVersion</c>.</param>
/// <param name="Kind">The object's kind.</param>
/// <param name="Namespace">The object's namespace; empty for a cluster-wide one, whose events go to <c>default</c>.</param>
/// <param name="Name">The object's name.</param>
/// <param name="Uid">The object's identity.</param>
/// <param name="ResourceVersion">The state that the event is about; may be empty.</param>
public sealed record EventSource(string ApiVersion, string Kind, string Namespace, string Name, string Uid, string ResourceVersion = "")
{
    /// <summary>An object of a kind as the source of an event.</summary>
    public static EventSource Of<T>(ResourceKind<T> kind, ObjectMeta metadata)
        where T : class, IKubernetesObject =>
        new(kind.ApiVersion, kind.Kind, metadata.Namespace, metadata.Name, metadata.Uid, metadata.ResourceVersion);
}

/// <summary>Whether an event wants attention.</summary>
public enum EventType
{
    /// <summary>Things go their way.</summary>
    Normal,

    /// <summary>Someone may want to look.</summary>
    Warning,
}
