using System.Globalization;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>A Rollout and a scenario that chance makes up; the same seed makes up the same.</summary>
/// <param name="Manifests">The Rollout and what belongs to it, as YAML.</param>
/// <param name="Scenario">What happens.</param>
/// <param name="Settings">What is assumed.</param>
internal sealed record RandomRehearsal(string Manifests, Scenario Scenario, RehearsalSettings Settings)
{
    /// <summary>Makes one up.</summary>
    public static RandomRehearsal Of(int seed)
    {
        var random = new Random(seed);
        return new RandomRehearsal(ManifestsOf(random), ScenarioOf(random, seed), new RehearsalSettings
        {
            RequestsPerSecond = Math.Round(Math.Exp(random.NextDouble() * Math.Log(500)), 1),
            ScrapeInterval = TimeSpan.FromSeconds(random.One(5, 15, 30)),
            Seed = seed,
        });
    }

    /// <summary>Rehearses it.</summary>
    /// <param name="look">Looks at the cluster in the end.</param>
    public RehearsalResult Rehearse(Action<EmbeddedCluster>? look = null) =>
        RehearsalRun.Rehearse(RehearsalInput.Find(ManifestReader.Read(["-"], new StringReader(Manifests)), null).Single(), Scenario, Settings, look);

    public override string ToString() => $"{Scenario}\n{Settings}\n{Manifests}";

    private static string ManifestsOf(Random random)
    {
        var route = random.One("HTTPRoute", "HTTPRoute", "GRPCRoute", null);
        return string.Join("\n---\n", [RolloutOf(random, route), Service, .. RouteOf(route), .. random.Happens(0.2) ? [Autoscaler] : Array.Empty<string>()]);
    }

    private static string RolloutOf(Random random, string? route)
    {
        var hasService = route is not null || random.Happens(0.5);
        var surge = route is null ? $"maxSurge: {random.One("25%", "1", "50%")}" : "";
        var routes = route is null ? "" : $"routes: [{{kind: {route}, name: shop}}]";
        var traffic = hasService ? $"traffic: {{service: shop, {routes}}}" : "";
        var analysis = hasService && random.Happens(0.8) ? $"analysis: {{interval: {random.One(5, 10, 15)}s, errorRate: {{max: {random.One("0.5%", "1%", "2%")}}}}}" : "";
        return $"""
            apiVersion: rollouts.dev/v1alpha1
            kind: Rollout
            metadata:
              name: shop
            spec:
              replicas: {random.Next(1, 13)}
              selector:
                matchLabels:
                  app: shop
              template:
                metadata:
                  labels:
                    app: shop
                spec:
                  containers:
                    - name: shop
                      image: shop:1
              minReadySeconds: {random.One(0, 0, 5, 15)}
              {surge}
              progressDeadline: {random.Next(1, 11)}m
              scaleDownDelay: {random.One(0, 30, 60)}s
              steps: {StepsOf(random)}
              {traffic}
              {analysis}
            """;
    }

    private const string Service = """
        apiVersion: v1
        kind: Service
        metadata: {name: shop, labels: {owner: me}}
        spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}
        """;

    private static IEnumerable<string> RouteOf(string? kind) => kind is null ? [] : [$$$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: {{{kind}}}
        metadata: {name: shop, annotations: {owner: me}}
        spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}
        """];

    private const string Autoscaler = """
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata: {name: shop}
        spec:
          scaleTargetRef: {apiVersion: rollouts.dev/v1alpha1, kind: Rollout, name: shop}
          minReplicas: 2
          maxReplicas: 8
          metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
        """;

    private static string StepsOf(Random random)
    {
        var weights = Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(1, 100)).Distinct().Order().Append(100);
        return $"[{string.Join(", ", weights.Select(Step))}]";

        string Step(int weight) => $"{{weight: {weight}, hold: {random.Next(0, 180)}s, pause: {(weight < 100 && random.Happens(0.15) ? "true" : "false")}}}";
    }

    private static Scenario ScenarioOf(Random random, int seed) => new()
    {
        Name = seed.ToString(CultureInfo.InvariantCulture),
        Description = "made up by chance",
        Canary = new VersionConduct
        {
            ErrorRate = random.One(0, 0, 0, 0.002, 0.02, 0.1, 0.5),
            FromShare = random.One(0, 0.25, 0.5),
            Latency = random.Happens(0.8) ? Latency.Usual : new Latency(TimeSpan.FromMilliseconds(900), TimeSpan.FromSeconds(12)),
            Pods = new PodScript
            {
                Conduct = random.Happens(0.75) ? PodConduct.Ready : random.One(PodConduct.Unready, PodConduct.CrashLoop, PodConduct.ImagePullFailure, PodConduct.Unschedulable),
                StartUp = TimeSpan.FromSeconds(random.Next(0, 30)),
            },
        },
        Stable = new VersionConduct { ErrorRate = random.One(0, 0, 0, 0.01, 0.3) },
        PrometheusOutage = random.Happens(0.2) ? new Outage(TimeSpan.FromSeconds(random.Next(0, 300)), TimeSpan.FromMinutes(random.Next(1, 20))) : null,
        SupersededAfter = random.Happens(0.2) ? TimeSpan.FromSeconds(random.Next(1, 300)) : null,
    };
}

/// <summary>Choices of chance.</summary>
internal static class Choices
{
    /// <summary>One of several, each as likely.</summary>
    public static T One<T>(this Random random, params ReadOnlySpan<T> items) => items[random.Next(items.Length)];

    /// <summary>Whether something of a likelihood from 0 to 1 happens.</summary>
    public static bool Happens(this Random random, double likelihood) => random.NextDouble() < likelihood;
}
