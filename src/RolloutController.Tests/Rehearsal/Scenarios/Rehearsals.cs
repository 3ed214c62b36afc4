using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>Rehearses what a test writes.</summary>
internal static class Rehearsals
{
    /// <summary>A Rollout behind a route, its Service and its route; the fields of its spec that matter come from the test.</summary>
    /// <param name="fields">Lines of the spec, such as <c>steps: [{weight: 100}]</c>.</param>
    /// <param name="routeKind">The kind of its route.</param>
    public static string Shop(string fields = "analysis: {errorRate: {max: 0.5%}}", string routeKind = "HTTPRoute") => $$$"""
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: {name: shop}
        spec:
          replicas: 10
          selector: {matchLabels: {app: shop}}
          template:
            metadata: {labels: {app: shop}}
            spec: {containers: [{name: shop, image: "shop:1", ports: [{containerPort: 8080}], env: [{name: PASSWORD, value: {{{Canary.Of("template")}}}}]}]}
          traffic: {service: shop, routes: [{kind: {{{routeKind}}}, name: shop}]}
          {{{fields.Replace("\n", "\n  ", StringComparison.Ordinal)}}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{{routeKind}}}
        metadata: {name: shop}
        spec:
          parentRefs: [{name: gateway}]
          rules: [{backendRefs: [{name: shop, port: 80}]}]
        """;

    /// <summary>The one Rollout of manifests.</summary>
    public static RehearsalInput Input(string manifests, int? replicas = null) => RehearsalInput.Find(ManifestReader.Read(["-"], new StringReader(manifests)), replicas).Single();

    /// <summary>Rehearses the one Rollout of manifests.</summary>
    /// <param name="manifests">YAML.</param>
    /// <param name="scenario">The name of a scenario.</param>
    /// <param name="settings">What is assumed.</param>
    /// <param name="look">Looks at the cluster in the end.</param>
    public static RehearsalResult Run(string manifests, string scenario = "good", RehearsalSettings? settings = null, Action<EmbeddedCluster>? look = null) =>
        RehearsalRun.Rehearse(Input(manifests), NamedScenarios.Find(scenario)!, settings ?? new RehearsalSettings(), look);

    /// <summary>Things of a kind that happened, as sentences.</summary>
    public static IReadOnlyList<string> Told(this RehearsalResult result, TimelineKind kind) => [.. result.Timeline.Where(entry => entry.Kind == kind).Select(entry => entry.Text)];
}
