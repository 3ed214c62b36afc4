using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Demo;

/// <summary>The sample shop of the demo: a Rollout behind a route, whose steps take seconds, and one without requests beside it.</summary>
internal static class DemoShop
{
    /// <summary>Where everything is.</summary>
    public const string Namespace = "default";

    /// <summary>The Rollout that requests go to, and its Service and route.</summary>
    public const string Name = "shop";

    /// <summary>The Rollout that has no requests.</summary>
    public const string Worker = "worker";

    /// <summary>The manifests.</summary>
    public static IEnumerable<JsonObject> Manifests() => YamlReader.Read(Yaml).OfType<JsonObject>();

    private const string Yaml =
        """
        apiVersion: v1
        kind: Service
        metadata: {name: shop, namespace: default}
        spec:
          selector: {app: shop}
          ports: [{name: http, port: 80, targetPort: 8080}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop, namespace: default}
        spec:
          parentRefs: [{name: gateway}]
          hostnames: [shop.example.com]
          rules:
            - backendRefs: [{name: shop, port: 80}]
        ---
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop, namespace: default}
        spec:
          replicas: 8
          revisionHistoryLimit: 3
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec: {containers: [{name: shop, image: "shop:1.0.0", ports: [{containerPort: 8080}]}]}
          progressDeadline: 1m
          scaleDownDelay: 5s
          traffic:
            service: shop
            propagation: 1s
            routes: [{kind: HTTPRoute, name: shop}]
          steps: [{weight: 5, hold: 8s}, {weight: 25, hold: 8s}, {weight: 50, hold: 8s, pause: true}, {weight: 100, hold: 8s}]
          analysis:
            interval: 2s
            errorRate: {max: 1%}
        ---
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: worker, namespace: default}
        spec:
          replicas: 4
          revisionHistoryLimit: 3
          selector: {matchLabels: {app: worker}}
          template:
            metadata: {labels: {app: worker}}
            spec: {containers: [{name: worker, image: "worker:1.0.0"}]}
          progressDeadline: 30s
          scaleDownDelay: 5s
          steps: [{weight: 25, hold: 5s}, {weight: 50, hold: 5s}, {weight: 100, hold: 5s}]
        """;
}
