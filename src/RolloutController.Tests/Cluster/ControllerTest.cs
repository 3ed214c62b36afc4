using System.Globalization;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// A cluster test of the controller as it is installed: the built process, under its ServiceAccount, with players for the pods and the
/// gateway of the test's namespace. Whatever a test does, no request of the controller may have been forbidden.
/// </summary>
internal abstract class ControllerTest : ClusterTest
{
    private ControllerProcess? _controller;

    /// <summary>Plays the pods.</summary>
    protected KubeletPlayer Kubelet { get; private set; } = null!;

    /// <summary>Answers the routes.</summary>
    protected GatewayPlayer Gateway { get; private set; } = null!;

    /// <summary>The controller.</summary>
    protected ControllerProcess Controller => _controller!;

    [SetUp]
    public async Task StartAsync()
    {
        Kubelet = await StartKubeletAsync();
        Gateway = await StartGatewayAsync();
        var kubeconfig = await ClusterSession.AccountAsync(Api, Cancellation);
        if (ElectsLeader)
            await GrantLeasesAsync();
        _controller = await StartControllerAsync(await PrometheusAsync(), kubeconfig, ElectsLeader ? Namespace : null, [.. Arguments]);
    }

    [TearDown]
    public async Task NothingWasForbiddenAsync()
    {
        if (_controller is null || _controller.HasExited || MayBeForbidden)
            return;
        var metrics = await ControllerMetrics.ReadAsync(_controller.Url, Cancellation);
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"403\""), Is.Zero, "requests that deploy/rbac.yaml does not allow");
    }

    /// <summary>The default metrics provider; null for none.</summary>
    protected virtual Task<Uri?> PrometheusAsync() => Task.FromResult<Uri?>(null);

    /// <summary>Whether it acts only once it is elected, by a lease in the test's namespace.</summary>
    protected virtual bool ElectsLeader => false;

    /// <summary>Whether requests may be refused for lack of rights.</summary>
    protected virtual bool MayBeForbidden => false;

    /// <summary>Further command-line arguments of the controller.</summary>
    protected virtual IReadOnlyList<string> Arguments => [];

    /// <summary>A small Rollout that judges pods alone.</summary>
    protected static RolloutBuilder Rollout(string version, params (string Key, string Value)[] annotations) =>
        new(Manifests.Template(version, "shop", annotations)) { MaxErrorRate = null };

    /// <summary>A small Rollout whose split is made with pod counts.</summary>
    protected static RolloutBuilder CountedRollout(string version, params (string Key, string Value)[] annotations) =>
        Rollout(version, annotations) with { HttpRoutes = [] };

    /// <summary>Applies a Rollout.</summary>
    protected Task<JsonObject> ApplyAsync(RolloutBuilder rollout) => ApplyAsync(rollout.Yaml());

    /// <summary>Applies the Service, the route and a Rollout, and waits until it is at rest.</summary>
    protected async Task<JsonObject> DeployAsync(RolloutBuilder rollout)
    {
        if (rollout.Service is { } service)
            await ApplyAsync(Manifests.Service(service, rollout.Name));
        foreach (var route in rollout.HttpRoutes)
            await ApplyAsync(Manifests.HttpRoute(route, rollout.Service));
        await ApplyAsync(rollout);
        return await UntilHealthyAsync(rollout.Name);
    }

    /// <summary>Changes the Rollout by a merge patch written as YAML.</summary>
    protected Task<JsonObject> ChangeAsync(string yaml, string name = "shop") => Api.MergeAsync(ClusterPath.Rollouts(Namespace, name), yaml, Cancellation);

    /// <summary>Waits until a Rollout meets a condition.</summary>
    protected Task<JsonObject> UntilRolloutAsync(Func<JsonObject, bool> condition, string what, string name = "shop") =>
        UntilAsync(ClusterPath.Rollouts(Namespace, name), condition, what, 90);

    /// <summary>Waits until the version that is asked for has all the traffic, and nothing moves any more.</summary>
    protected Task<JsonObject> UntilHealthyAsync(string name = "shop") =>
        UntilRolloutAsync(rollout => IsAtRest(rollout) && rollout.Text("status.phase") == "Healthy", $"Rollout {name} to be healthy and at rest", name);

    /// <summary>Waits until a weight is carried and judged.</summary>
    protected Task<JsonObject> UntilJudgedAtAsync(int weight) => UntilRolloutAsync(
        rollout => IsJudgedAt(rollout, weight), $"{weight} % to be carried");

    /// <summary>Waits until the newest spec was seen.</summary>
    protected Task<JsonObject> UntilSeenAsync(string name = "shop") => UntilRolloutAsync(IsSeen, "the newest spec to be seen", name);

    /// <summary>The ReplicaSets of the namespace.</summary>
    protected Task<IReadOnlyList<JsonObject>> ReplicaSetsAsync() => Api.ListAsync(ClusterPath.ReplicaSets(Namespace), Cancellation);

    /// <summary>The pods that were not asked to go.</summary>
    protected async Task<IReadOnlyList<JsonObject>> PodsAsync() =>
        [.. (await Api.ListAsync(ClusterPath.Pods(Namespace), Cancellation)).Where(pod => pod.At("metadata.deletionTimestamp") is null)];

    /// <summary>Waits until exactly so many pods of each version are there and available.</summary>
    protected Task UntilPodsAsync(params (string Version, int Count)[] versions) => UntilAllAsync(
        ClusterPath.Pods(Namespace),
        pods => pods.Count == versions.Sum(version => version.Count)
            && versions.All(version => pods.Count(pod => PodAnnotations.VersionOf(pod) == version.Version && pod.IsServing()) == version.Count),
        string.Join(" and ", versions.Select(version => string.Create(CultureInfo.InvariantCulture, $"{version.Count} pods of {version.Version}"))),
        60);

    /// <summary>Waits for an event about an object.</summary>
    protected async Task<JsonObject> UntilEventAsync(string name, string reason) => (await UntilAllAsync(
        ClusterPath.Events(Namespace),
        events => events.Any(item => IsAbout(item, name, reason)),
        $"an event {reason} about {name}")).First(item => IsAbout(item, name, reason));

    protected static bool IsSeen(JsonObject rollout) => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation");

    protected static bool IsAtRest(JsonObject rollout) => IsSeen(rollout) && rollout.Text("status.state.name") == "AtRest" && !rollout.Each("metadata.finalizers").Any();

    protected static bool IsJudgedAt(JsonObject rollout, int weight) => IsSeen(rollout)
        && rollout.Text("status.state.name") == "Progressing" && rollout.Text("status.state.stage") == "Judging" && rollout.Number("status.state.weight") == weight;

    private static bool IsAbout(JsonObject item, string name, string reason) => item.Text("involvedObject.name") == name && item.Text("reason") == reason;
}
