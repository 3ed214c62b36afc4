using System.Text.Json.Nodes;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>
/// The life of a Rollout under the controller as it is installed: the built process under its ServiceAccount, simulated pods, gateway
/// and requests, and a real Prometheus. When a test has passed, the laws of <see cref="RolloutTrace"/> are checked on all that happened.
/// </summary>
internal abstract class RolloutScenario : ClusterTest
{
    /// <summary>Enough for every step's request floor within a second or two.</summary>
    private const double RequestsPerSecond = 2000;

    private readonly Dictionary<string, (JsonObject Service, JsonObject Route)> _applied = [];
    private ControllerProcess? _controller;
    private long _since;

    /// <summary>Plays the pods.</summary>
    protected KubeletPlayer Kubelet { get; private set; } = null!;

    /// <summary>Sends the requests.</summary>
    protected FakeTraffic Traffic { get; private set; } = null!;

    /// <summary>Everything that was committed.</summary>
    protected RolloutTrace Trace { get; private set; } = null!;

    /// <summary>The controller; where there are several, the one that was started first.</summary>
    protected ControllerProcess Controller => _controller!;

    /// <summary>The weights of the steps.</summary>
    protected virtual IReadOnlyList<int> Steps => [5, 25, 50, 100];

    [SetUp]
    public async Task StartAsync()
    {
        await RequireRolloutsAsync();
        Trace = Own(await RolloutTrace.StartAsync(Api, Namespace, Cancellation));
        Kubelet = await StartKubeletAsync();
        await StartGatewayAsync();
        Traffic = await StartTrafficAsync("shop", "shop", RequestsPerSecond);
        var prometheus = await PrometheusAsync();
        _controller = await StartAsync(prometheus.Url);
    }

    [TearDown]
    public async Task CheckLawsAsync()
    {
        if (_controller is null || TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
            return;
        foreach (var name in _applied.Keys)
        {
            Trace.AssertLaws(name);
            CheckWeights(name);
        }
        if (_controller.HasExited)
            return;
        var metrics = await ControllerMetrics.ReadAsync(_controller.Url, Cancellation);
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"403\""), Is.Zero, "requests that deploy/rbac.yaml does not allow");
    }

    /// <summary>Checks the weights that a route had one after the other; a test in which others write them says what it expects.</summary>
    protected virtual void CheckWeights(string name) => Trace.AssertWeightsClimb(name, Steps);

    /// <summary>The Prometheus that the controller asks.</summary>
    protected virtual Task<PrometheusProcess> PrometheusAsync() => SharedPrometheusAsync();

    /// <summary>Starts a controller.</summary>
    protected virtual async Task<ControllerProcess> StartAsync(Uri prometheus) =>
        await StartControllerAsync(prometheus, await ClusterSession.AccountAsync(Api, Cancellation));

    /// <summary>A version of the Rollout as a user writes it.</summary>
    /// <param name="version">The tag of its image.</param>
    /// <param name="annotations">Pairs of <see cref="PodAnnotations"/> and values.</param>
    protected virtual RolloutBuilder Version(string version, params (string Key, string Value)[] annotations) =>
        new(Manifests.Template(version, "shop", annotations)) { Weights = Steps };

    /// <summary>Applies the Service, the route and the first version, and waits until it is healthy.</summary>
    protected async Task<JsonObject> DeployAsync(RolloutBuilder first)
    {
        var name = first.Name;
        var service = await ApplyAsync(Manifests.Service(name));
        _applied[name] = (service, await ApplyAsync(Manifests.HttpRoute(name)));
        await ApplyAsync(first.Yaml());
        return await UntilAtRestAsync("Healthy", name);
    }

    /// <summary>Applies the next version; the revision is the one that the controller then rolls out.</summary>
    protected async Task<string> ShipAsync(RolloutBuilder next)
    {
        var applied = await ApplyAsync(next.Yaml());
        _since = RolloutTrace.Revision(applied);
        var rollout = await UntilCommittedAsync(
            rollout => rollout.Number("status.observedGeneration") >= applied.Number("metadata.generation") && rollout.Text("status.canaryRevision") is { Length: > 0 },
            "the new version to set out", next.Name);
        return rollout.Text("status.canaryRevision")!;
    }

    /// <summary>Changes the Rollout by a merge patch written as YAML.</summary>
    protected async Task<JsonObject> ChangeAsync(string yaml)
    {
        var changed = await Api.MergeAsync(ClusterPath.Rollouts(Namespace, "shop"), yaml, Cancellation);
        _since = RolloutTrace.Revision(changed);
        return changed;
    }

    /// <summary>Asks for an operation and waits for what became of it.</summary>
    protected async Task<JsonObject> OperateAsync(string verb, string revision, string id)
    {
        await ChangeAsync($"{{spec: {{operation: {{id: {id}, verb: {verb}, revision: \"{revision}\"}}}}}}");
        return await UntilRolloutAsync(rollout => rollout.Text("status.operation.id") == id, $"operation {id} to be echoed");
    }

    /// <summary>Waits until the Rollout meets a condition.</summary>
    protected Task<JsonObject> UntilRolloutAsync(Func<JsonObject, bool> condition, string what, string name = "shop") =>
        UntilAsync(ClusterPath.Rollouts(Namespace, name), condition, what, 90);

    /// <summary>Waits until a version of the Rollout that meets a condition was committed since the last change; it may have passed already.</summary>
    protected async Task<JsonObject> UntilCommittedAsync(Func<JsonObject, bool> condition, string what, string name = "shop") => (await WaitFor.StateAsync(
        _ => Task.FromResult(Trace.First(condition, name, _since)), found => found is not null, TimeSpan.FromSeconds(90), what, Cancellation))!;

    /// <summary>Waits until a step's weight is carried and judged.</summary>
    protected Task<JsonObject> UntilJudgedAsync(int weight) => UntilCommittedAsync(rollout => IsJudged(rollout, weight), $"{weight} % to be judged");

    /// <summary>Waits until the Rollout is in a state, and in a stage where one is named.</summary>
    protected Task<JsonObject> UntilStateAsync(string state, string? stage = null) => UntilCommittedAsync(
        rollout => rollout.Text("status.state.name") == state && (stage is null || rollout.Text("status.state.stage") == stage), $"the state {state} {stage}");

    /// <summary>Waits until a reason stands beside the condition Progressing, and its message says something.</summary>
    protected Task<JsonObject> UntilReasonAsync(string reason, string message) => UntilRolloutAsync(
        rollout => rollout.Condition("Progressing").Text("reason") == reason && rollout.Text("status.message")!.Contains(message, StringComparison.Ordinal),
        $"the reason {reason} with '{message}'");

    /// <summary>Waits for an event about the Rollout.</summary>
    protected async Task<JsonObject> UntilEventAsync(string reason) => (await UntilAllAsync(
        ClusterPath.Events(Namespace), events => events.Any(item => item.Text("reason") == reason), $"an event {reason}", 60)).First(item => item.Text("reason") == reason);

    /// <summary>
    /// Waits until a Rollout is at rest in a phase, and checks that nothing of the controller's is left: Service and route are what the
    /// user applied, and no finalizer, canary Service or surplus pod is there.
    /// </summary>
    protected async Task<JsonObject> UntilAtRestAsync(string phase, string name = "shop")
    {
        var rollout = await UntilRolloutAsync(
            rollout => rollout.Text("status.state.name") == "AtRest" && rollout.Text("status.phase") == phase && IsSeen(rollout) && !rollout.Each("metadata.finalizers").Any(),
            $"Rollout {name} to be at rest and {phase}", name);
        await AssertUntouchedAsync(name);
        await UntilAllAsync(
            ClusterPath.Pods(Namespace),
            pods => pods.Count(pod => pod.Label("app") == name) == rollout.Number("spec.replicas"), $"the {rollout.Number("spec.replicas")} pods of Rollout {name}");
        return rollout;
    }

    /// <summary>Checks that Service and route are what the user applied, and waits until the trace holds their last version.</summary>
    protected async Task AssertUntouchedAsync(string name = "shop")
    {
        var (service, route) = _applied[name];
        var serviceNow = await Api.GetAsync(ClusterPath.Services(Namespace, name), Cancellation);
        var routeNow = await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, name), Cancellation);
        Assert.That(OfTheUser(serviceNow!), Is.EqualTo(OfTheUser(service)));
        Assert.That(OfTheUser(routeNow!), Is.EqualTo(OfTheUser(route)));
        Assert.That(await Api.GetAsync(ClusterPath.Services(Namespace, $"{name}-canary"), Cancellation), Is.Null);
        await WaitFor.StateAsync(
            _ => Task.FromResult(RolloutTrace.Revision(Trace.Routes.Versions(name)[^1])), revision => revision >= RolloutTrace.Revision(routeNow!),
            TimeSpan.FromSeconds(30), "the trace to follow", Cancellation);
    }

    /// <summary>From now on the route at rest is the one that is there now, which a user changed by hand.</summary>
    protected void TakeAsApplied(JsonObject route) => _applied["shop"] = _applied["shop"] with { Route = route };

    /// <summary>Whether the controller has seen the newest spec.</summary>
    protected static bool IsSeen(JsonNode rollout) => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation");

    /// <summary>Whether a step's weight is carried and judged.</summary>
    protected static bool IsJudged(JsonNode rollout, int weight) => IsSeen(rollout) && rollout.Text("status.state.stage") == "Judging" && rollout.Number("status.state.weight") == weight;

    /// <summary>What a user wrote in an object and what the API made of it, as canonical JSON.</summary>
    private static string OfTheUser(JsonObject item) => Canonical(new JsonObject
    {
        ["labels"] = item.At("metadata.labels")?.DeepClone(),
        ["annotations"] = item.At("metadata.annotations")?.DeepClone(),
        ["finalizers"] = item.At("metadata.finalizers")?.DeepClone(),
        ["ownerReferences"] = item.At("metadata.ownerReferences")?.DeepClone(),
        ["spec"] = item["spec"]!.DeepClone(),
    }).ToJsonString();

    private static JsonNode Canonical(JsonNode node) => node switch
    {
        JsonObject members => new JsonObject(members.Where(member => member.Value is not null).OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, (JsonNode?)Canonical(member.Value!)))),
        JsonArray items => new JsonArray([.. items.Select(item => Canonical(item!))]),
        _ => node.DeepClone(),
    };
}
