using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Manifests as users write them, as YAML; names are <c>shop</c> unless said otherwise. Ports name their protocol: server-side apply of
/// Kubernetes 1.20 does not know the default.
/// </summary>
internal static class Manifests
{
    /// <summary>A pod template, to be put where a manifest has its <c>template</c>.</summary>
    /// <param name="version">The image tag, which is the version that <see cref="FakeTraffic"/> and <see cref="RealPods"/> know.</param>
    /// <param name="annotations">Pairs of <see cref="PodAnnotations"/> and values.</param>
    public static string Template(string version, string app = "shop", params (string Key, string Value)[] annotations) =>
        $$"""
        {metadata: {labels: {app: {{app}} }, annotations: { {{string.Join(", ", annotations.Select(pair => $"{pair.Key}: \"{pair.Value}\""))}} } },
         spec: {containers: [{name: app, image: "example/{{app}}:{{version}}", ports: [{name: http, containerPort: {{RealPods.Port}}, protocol: TCP }], env: [{name: PASSWORD, value: "{{Canary.Of("template")}}"}] }] } }
        """;

    public static string Deployment(int replicas, string template, string name = "shop") =>
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}}
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: {{name}} } }
          template: {{Inline(template)}}
        """;

    /// <summary>A ReplicaSet without pods.</summary>
    public static string ReplicaSet(string name, string app) =>
        $$"""
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: {{name}}}
        spec:
          replicas: 0
          selector: {matchLabels: {app: {{app}} } }
          template: {{Inline(Template("v1", app))}}
        """;

    public static string Service(string name = "shop", string? app = null) =>
        $$"""
        apiVersion: v1
        kind: Service
        metadata: {name: {{name}}}
        spec:
          selector: {app: {{app ?? name}}}
          ports: [{name: http, port: 80, targetPort: {{RealPods.Port}}, protocol: TCP}]
        """;

    /// <summary>An HTTPRoute with one rule that sends everything to one Service.</summary>
    public static string HttpRoute(string name = "shop", string? service = null) => HttpRoute(name, (service ?? name, null));

    /// <summary>An HTTPRoute with one rule and these backends; a null weight is left out.</summary>
    public static string HttpRoute(string name, params (string Service, int? Weight)[] backends) =>
        $$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: {{name}}}
        spec:
          parentRefs: [{name: gateway}]
          rules:
            - backendRefs: [{{string.Join(", ", backends.Select(Backend))}}]
        """;

    private static string Backend((string Service, int? Weight) backend) =>
        $"{{name: {backend.Service}, port: 80{(backend.Weight is { } weight ? $", weight: {weight}" : "")}}}";

    internal static string Inline(string template) => template.ReplaceLineEndings(" ");
}
