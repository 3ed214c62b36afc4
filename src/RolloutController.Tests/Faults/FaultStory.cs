using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Pods;

namespace RolloutController.Tests.Faults;

/// <summary>What is on a fault bed.</summary>
internal sealed record FaultSettings
{
    /// <summary>How many processes there are; more than one elect which of them acts.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>The pods of the Rollout.</summary>
    public int PodCount { get; init; } = 2;

    /// <summary>Whether the Rollout takes its pods over from a Deployment, which then brings the versions.</summary>
    public bool Workload { get; init; }

    /// <summary>How many requests come a second.</summary>
    public double RequestsPerSecond { get; init; } = 20;

    /// <summary>How often Prometheus scrapes.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often at most what only informs is written.</summary>
    public TimeSpan StatusInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How each pod does.</summary>
    public Func<StoredObject, PodScript> Pods { get; init; } = _ => new PodScript { ImagePull = TimeSpan.FromMilliseconds(100), StartUp = TimeSpan.FromMilliseconds(400) };
}

/// <summary>A story that is told on a fault bed; version 1 is deployed when it begins.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fields">Lines of the spec.</param>
/// <param name="Tell">What happens.</param>
internal sealed record FaultStory(string Name, string Fields, Func<FaultBed, Task> Tell)
{
    private const string World = """
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: gateway}]
          hostnames: [shop.example.org]
          rules:
          - matches: [{path: {type: PathPrefix, value: /}}]
            backendRefs: [{name: shop, port: 80}]
        ---

        """;

    private const string Template = """
        selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec: {containers: [{name: shop, image: "shop:1", ports: [{containerPort: 8080}]}]}
        """;

    /// <summary>How its bed is set up.</summary>
    public FaultSettings Settings { get; init; } = new();

    /// <summary>What is applied when it begins.</summary>
    public string Manifests => World + (!Settings.Workload ? Rollout($"replicas: {Settings.PodCount}\n  {Template}") : $"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {"{"}name: shop{"}"}
        spec:
          replicas: {Settings.PodCount}
          {Template}
        ---
        {Rollout("workloadRef: {kind: Deployment, name: shop}")}
        """);

    public override string ToString() => Name;

    private string Rollout(string pods) => $$"""
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop}
        spec:
          {{pods}}
          traffic: {service: shop, routes: [{kind: HTTPRoute, name: shop}], propagation: 1s}
          {{Fields.Replace("\n", "\n  ", StringComparison.Ordinal)}}
        """;
}
