namespace RolloutController.Kubernetes;

/// <summary>A slice of the endpoints of one Service; the label <c>kubernetes.io/service-name</c> names it.</summary>
public sealed record EndpointSlice : IKubernetesObject
{
    /// <summary>The label that names the Service of a slice.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The endpoints.</summary>
    public IReadOnlyList<ServiceEndpoint> Endpoints { get; init => field = value ?? []; } = [];
}

/// <summary>One endpoint of a Service, mostly a pod.</summary>
public sealed record ServiceEndpoint
{
    /// <summary>The addresses; all of them lead to the same place.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    /// <summary>Whether it takes traffic.</summary>
    public EndpointConditions Conditions { get; init => field = value ?? new(); } = new();

    /// <summary>The object behind the endpoint, or null.</summary>
    public EndpointTarget? TargetRef { get; init; }
}

/// <summary>Whether an endpoint takes traffic; null is unknown, which the API asks readers to take as ready.</summary>
public sealed record EndpointConditions
{
    /// <summary>Whether it takes new traffic: serving and not terminating.</summary>
    public bool? Ready { get; init; }

    /// <summary>Whether it answers, be it terminating or not; null before Kubernetes 1.20.</summary>
    public bool? Serving { get; init; }

    /// <summary>Whether it is on its way out; null before Kubernetes 1.20.</summary>
    public bool? Terminating { get; init; }
}

/// <summary>The object behind an endpoint.</summary>
public sealed record EndpointTarget
{
    /// <summary>Its name, in the namespace of the slice.</summary>
    public string Name { get; init => field = value ?? ""; } = "";
}
