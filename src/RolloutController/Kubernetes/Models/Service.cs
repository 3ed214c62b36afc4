using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>A Service: a name for the pods that its selector takes.</summary>
public sealed record Service : IKubernetesObject
{
    /// <inheritdoc/>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public ServiceSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>What a Service wants.</summary>
public sealed record ServiceSpec
{
    /// <summary>The labels of the pods behind it; empty where endpoints are made by hand.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init => field = value ?? Defaults.Map; } = Defaults.Map;

    /// <summary><c>ClusterIP</c>, <c>NodePort</c>, <c>LoadBalancer</c> or <c>ExternalName</c>.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>The address inside the cluster; <c>None</c> for a headless Service.</summary>
    public string ClusterIP { get; init => field = value ?? ""; } = "";

    /// <summary>The ports.</summary>
    public IReadOnlyList<ServicePort> Ports { get; init => field = value ?? []; } = [];
}

/// <summary>One port of a Service.</summary>
public sealed record ServicePort
{
    /// <summary>The name; may be empty where the Service has one port.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The port that clients use, 1 to 65535.</summary>
    public int Port { get; init; }

    /// <summary>The pods' port: a number or the name of a container port.</summary>
    public JsonElement? TargetPort { get; init; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public string Protocol { get; init => field = value ?? ""; } = "";

    /// <summary>What is spoken on the port, such as <c>kubernetes.io/h2c</c>; mostly empty.</summary>
    public string AppProtocol { get; init => field = value ?? ""; } = "";
}
