using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Rehearsal.Stages;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Fuzzing.Neighbours;

/// <summary>
/// One controller and the Rollouts that it looks after, each in a namespace of its own with all that it may name. In virtual time.
/// </summary>
internal sealed class Neighbourhood : IDisposable
{
    /// <summary>The namespace of a Rollout that is as it should be.</summary>
    public const string Healthy = "default";

    private static readonly string[] Watched = ["services", "httproutes", "grpcroutes", "secrets", "configmaps"];

    private readonly CancellationTokenSource _stop = new();
    private readonly ControlPlane _plane;
    private readonly SimulatedKubelet _kubelet;
    private readonly SimulatedGateway _gateway;
    private readonly Chatter _chatter;
    private readonly PodHandler _pods;
    private readonly PrometheusProvider _metrics;
    private readonly LokiProvider _logs;
    private readonly Hook _hook;
    private readonly ControlService _controller;
    private readonly RehearsedLifetime _lifetime = new();

    private Neighbourhood(VirtualTime clock, int seed, bool isCalm)
    {
        var random = new Random(seed);
        Clock = clock;
        Log = new PassLog(clock);
        _plane = new ControlPlane(clock, new Random(random.Next()));
        _kubelet = new SimulatedKubelet(Cluster, pod => Script(!isCalm && pod.Namespace != Healthy && random.Next(12) == 0 ? PodConduct.CrashLoop : PodConduct.Ready));
        _gateway = new SimulatedGateway(Cluster);
        _chatter = new Chatter(clock, isCalm ? null : new Random(random.Next()));
        _pods = new PodHandler(Cluster, _ => (isCalm ? 9 : random.Next(10)) switch
        {
            0 => PodAnswer.Good with { Status = HttpStatusCode.InternalServerError, Body = "<html>" },
            1 => PodAnswer.Good with { Body = "[[[[" },
            _ => PodAnswer.Good with { Body = """{"database":"connected","memory":{"percent":40}}""" },
        });
        _metrics = new PrometheusProvider(new PrometheusOptions("main", new Uri("http://prometheus.test")) { IsDefault = true }, clock, _chatter, new Random(random.Next()));
        _logs = new LokiProvider(new LokiOptions("loki", new Uri("http://loki.test")), clock, _chatter, new Random(random.Next()));
        _hook = new Hook(new HookOptions("approvals", new Uri("http://hooks.test")), clock, _chatter, new Random(random.Next()));
        var providers = new Providers(
            new MetricProviders(new Dictionary<string, IMetricProvider> { ["main"] = _metrics }, "main"),
            new(new() { ["loki"] = _logs }, "loki"),
            new(new() { ["approvals"] = _hook }, null));
        _controller = RehearsedController.Make(Cluster, providers, new ControlOptions { Random = new Random(random.Next()), Pods = _pods }, _lifetime, Log);
    }

    public VirtualTime Clock { get; }

    public EmbeddedCluster Cluster => _plane.Cluster;

    public PassLog Log { get; }

    /// <summary>Whether the controller is still at work.</summary>
    public bool IsAlive => !_lifetime.HasGivenUp && _controller.Live().All(check => check.Ok);

    /// <summary>Tells what happens in a neighbourhood of its own.</summary>
    /// <param name="seed">What chance is drawn from.</param>
    /// <param name="story">What happens.</param>
    /// <param name="prepare">Changes the cluster before the controller starts; null for nothing.</param>
    /// <param name="isCalm">Whether every pod and everybody who is asked does well.</param>
    public static void Play(int seed, Func<Neighbourhood, Task> story, Action<EmbeddedCluster>? prepare = null, bool isCalm = false)
    {
        var clock = new VirtualTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        using var neighbourhood = new Neighbourhood(clock, seed, isCalm);
        prepare?.Invoke(neighbourhood.Cluster);
        clock.Run(() => neighbourhood.PlayAsync(story));
    }

    /// <summary>Makes a namespace with all that the Rollouts of samples.yaml name.</summary>
    public void Settle(string @namespace, bool withDeployment)
    {
        if (Cluster.Find("namespaces", "", @namespace) is null)
            Cluster.Create("namespaces", Yaml.Parse($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {@namespace}}}}}"));
        foreach (var manifest in Yaml.ParseAll(World(withDeployment)))
        {
            manifest["metadata"]!["namespace"] = @namespace;
            Cluster.Create(Cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!.Plural, manifest);
        }
    }

    /// <summary>Asks for a Rollout.</summary>
    /// <returns>Its name; null where the API refuses it.</returns>
    public string? TryCreate(string @namespace, JsonObject rollout)
    {
        if (rollout["metadata"] is JsonObject metadata)
            metadata["namespace"] = @namespace;
        try
        {
            return Cluster.Create("rollouts", rollout).Name;
        }
        catch (ApiFailure)
        {
            return null;
        }
    }

    /// <summary>What users wrote in a namespace, without what only the API writes.</summary>
    public IReadOnlyList<string> Wanted(string @namespace) =>
    [
        .. from plural in Watched
           from item in Cluster.List(plural, @namespace)
           where item.Json["metadata"]!["ownerReferences"] is null
           select $"{plural}/{item.Name} {Written(item.Json["metadata"]!["labels"])} {Written(item.Json["metadata"]!["annotations"])} {Written(item.Json["spec"])}",
    ];

    public Task PassAsync(TimeSpan time) => Task.Delay(time, Clock, _stop.Token);

    public void Dispose()
    {
        _controller.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
        _hook.Dispose();
        _pods.Dispose();
        _chatter.Dispose();
        _stop.Dispose();
    }

    private async Task PlayAsync(Func<Neighbourhood, Task> story)
    {
        var world = Task.WhenAll(_plane.RunAsync(_stop.Token), EndedAsync(_kubelet.RunAsync(_stop.Token)), EndedAsync(_gateway.RunAsync(_stop.Token)));
        await _controller.StartAsync(_stop.Token);
        try
        {
            await story(this);
        }
        finally
        {
            if (IsAlive)
                await _controller.StoppingAsync(CancellationToken.None);
            _stop.Cancel();
            await world;
        }
    }

    private static async Task EndedAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // The end that was asked for.
        }
    }

    private static string Written(JsonNode? part)
    {
        var ordered = part?.DeepClone();
        FieldOrder.ByName(ordered);
        return ordered?.ToJsonString() ?? "";
    }

    private static PodScript Script(PodConduct conduct) => new() { Conduct = conduct, StartUp = TimeSpan.FromSeconds(2) };

    private static string World(bool withDeployment) => $$$"""
        apiVersion: v1
        kind: Service
        metadata: {name: shop, labels: {owner: me}}
        spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: shop}
        stringData: {health: sesame}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop, annotations: {owner: me}}
        spec: {parentRefs: [{name: gateway}], rules: [{matches: [{path: {type: PathPrefix, value: /}}], backendRefs: [{name: shop, port: 80}]}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: shop}
        spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}
        {{{(withDeployment ? Deployment : "")}}}
        """;

    private const string Deployment = """
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: shop}
        spec:
          replicas: 2
          selector: {matchLabels: {app: shop}}
          template: {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: "shop:1.0.0"}]}}
        """;
}
