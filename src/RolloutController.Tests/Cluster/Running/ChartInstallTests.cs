using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Tests.Chart;
using RolloutController.Tests.Cli;
using RolloutController.Tests.Kubernetes;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>
/// The chart on a cluster: the API server takes every object, and the controller works under the rights, with the arguments, the environment and the files that
/// were rendered. Alone, because one that looks after all namespaces would meddle with other tests.
/// </summary>
[NonParallelizable]
internal sealed partial class ChartInstallTests : ClusterTest
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<JsonObject> _ofCluster = [];

    private string Release => $"release-{Namespace}";

    [TearDown]
    public async Task UninstallAsync()
    {
        foreach (var item in _ofCluster)
            await Api.DeleteAsync(ClusterPath.Of(item), CancellationToken.None);
        _folder.Dispose();
    }

    [TestCaseSource(typeof(ChartValues), nameof(ChartValues.Names))]
    public async Task The_API_server_takes_every_object(string values)
    {
        var (all, said) = await InstallAsync(ChartValues.All[values]);

        Assert.That(said, Does.Contain($"deployment.apps/{(values == "one namespace" ? "controller" : $"{Release}-rollout-controller")} serverside-applied").And.Not.Contain("Warning"));
        Assert.That(said.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(all.Count));
    }

    [TestCase(true, TestName = "Rolls_out_and_back_in_all_namespaces_as_it_is_installed")]
    [TestCase(false, TestName = "Rolls_out_and_back_in_one_namespace_as_it_is_installed")]
    public async Task Rolls_out_and_back_as_it_is_installed(bool everywhere)
    {
        await RequireRolloutsAsync();
        var all = HelmChart.Render(Values(everywhere), Release, Namespace);
        await StartKubeletAsync();
        await StartGatewayAsync();
        await ApplyAsync(Secret("approvals", "key", Canary.Of("hook-key")));
        await ApplyAsync(Secret("health", "key", Canary.Of("health-key")));
        var controller = await StartInstalledAsync(await PodAsync(all, Controllers(all)), await AccountAsync(all, $"{Release}-rollout-controller"));

        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(Version("v1").Yaml());
        await UntilPhaseAsync("Healthy");
        await ApplyAsync(Version("v2").Yaml());
        await UntilPhaseAsync("Healthy");
        await ApplyAsync(Version("v3", (PodAnnotations.Behaviour, "crash-loop")).Yaml());
        await UntilPhaseAsync("RolledBack");

        var metrics = await ControllerMetrics.ReadAsync(controller.Url, Cancellation);
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"403\""), Is.Zero, "requests that the rendered roles do not allow");
        Assert.That(metrics.Sum("rest_client_requests_total", "code=\"20"), Is.Positive);
        Assert.That(metrics.Sum("leader_election_master_status", $"name=\"{Release}-rollout-controller\""), Is.EqualTo(1));
        Assert.That(await Api.GetAsync(ClusterPath.Leases(Namespace, $"{Release}-rollout-controller"), Cancellation), Is.Not.Null);
    }

    [Test]
    public async Task Upgraded_midway_it_goes_on_and_removed_at_rest_it_leaves_what_serves()
    {
        await RequireRolloutsAsync();
        var kubelet = await StartKubeletAsync();
        await StartGatewayAsync();
        await ApplyAsync(Secret("approvals", "key", Canary.Of("hook-key")));
        await ApplyAsync(Secret("health", "key", Canary.Of("health-key")));
        var (before, _) = await InstallAsync($"{{crds: {{install: false}}, namespaces: [{Namespace}], replicas: 1}}");
        var old = await StartInstalledAsync(await PodAsync(before, Controllers(before)), await AccountAsync(before, $"{Release}-rollout-controller"));
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(Version("v1").Yaml());
        await UntilPhaseAsync("Healthy");
        await ApplyAsync((Version("v2") with { PauseAt = [50] }).Yaml());
        var waiting = await UntilAsync(Shop, rollout => rollout.Text("status.phase") == "Paused", "the step to wait for a person", 90);

        var (after, _) = await InstallAsync(Values(everywhere: false));
        var next = await StartInstalledAsync(await PodAsync(after, Controllers(after)), await AccountAsync(after, $"{Release}-rollout-controller"));
        await old.TerminateAsync(TimeSpan.FromSeconds(30), Cancellation);
        await Api.MergeAsync(Shop, $"{{spec: {{operation: {{id: '1', verb: Promote, revision: '{waiting.Text("status.canaryRevision")}'}}}}}}", Cancellation);
        var promoted = await UntilPhaseAsync("Healthy");

        Assert.That(promoted.Text("status.stableRevision"), Is.EqualTo(waiting.Text("status.canaryRevision")));
        Assert.That(promoted.Each("status.history").Select(record => record.Text("outcome")), Is.EqualTo((string[])["Promoted", "Deployed"]), "it is the rollout that the controller before began");
        var (pods, route) = (kubelet.RunningUids(IsOfShop), await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation));
        await next.TerminateAsync(TimeSpan.FromSeconds(30), Cancellation);
        // All that Helm would delete: the definition stays (crds.keep).
        await Kubectl.RunAsync(Namespace, Cancellation, "delete", "-f", Path.Combine(_folder.Path, "rendered.yaml"));
        Assert.That((await Api.GetAsync(Shop, Cancellation)).Text("status.phase"), Is.EqualTo("Healthy"));
        Assert.That(kubelet.RunningUids(IsOfShop), Is.EquivalentTo(pods));
        Assert.That(JsonNode.DeepEquals((await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation))!["spec"], route!["spec"]));

        static bool IsOfShop(JsonObject pod) => pod.Label("app") == "shop";
    }

    [Test]
    public async Task Helm_test_passes_under_the_rights_of_its_pod()
    {
        await RequireRolloutsAsync();
        var all = HelmChart.Render("{crds: {install: false}}", Release, Namespace);
        var pod = PodOf(all, "lint");
        var account = await AccountAsync(all, pod.Text("spec.serviceAccountName")!);
        var run = await PodAsync(all, pod["spec"]!);

        var log = Path.Combine(_folder.Path, "test.log");
        await using var test = ChildProcess.Start(Executable.Start(run.Arguments), log, [.. run.Environment, ("KUBECONFIG", account)]);

        Assert.That(await test.WaitAsync(Cancellation), Is.Zero, test.ReadLog());
        Assert.That(await Api.ListAsync(ClusterPath.Rollouts(Namespace), Cancellation), Is.Empty, "nothing is stored");
    }

    [Test]
    public async Task Helm_test_asks_the_Service_whether_the_controller_is_ready()
    {
        await RequireRolloutsAsync();
        var all = HelmChart.Render($"{{crds: {{install: false}}, namespaces: [{Namespace}], service: {{port: 80}}}}", Release, Namespace);
        var service = all.Single(item => item.Text("kind") == "Service");
        var pod = await PodAsync(all, PodOf(all, "ready")["spec"]!);
        Assert.That(pod.Arguments, Is.EqualTo((string[])["ready", $"{service.Name()}:{service.Number("spec.ports.0.port")}"]));
        var controller = await StartInstalledAsync(await PodAsync(all, Controllers(all)), await AccountAsync(all, $"{Release}-rollout-controller"));

        // Nothing here makes an address of a Service: its only pod is asked by its own.
        var run = await CommandRun.StartAsync(Cancellation, pod.Arguments[0], controller.Url.Authority);

        Assert.That((run.Code, run.Output), Is.EqualTo((0, $"{controller.Url.Authority} is ready\n")), run.Error);
    }

    private static JsonObject PodOf(IEnumerable<JsonObject> all, string container) => all.Single(item => item.Text("kind") == "Pod" && item.Text("spec.containers.0.name") == container);

    private string Values(bool everywhere) =>
        $$"""
        crds: {install: false}
        namespaces: [{{(everywhere ? "" : Namespace)}}]
        hooks: {approvals: {address: "https://approvals.example/rollouts", signingKey: {secret: approvals, key: key} } }
        healthKey: {secret: health, key: key}
        log: {format: json}
        """;

    private static string Secret(string name, string key, string value) =>
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: {name}}}, data: {{{key}: {Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}}}}}";

    /// <summary>Applies all that is rendered, as an install or upgrade does, and gives back the objects and what the API server said.</summary>
    private async Task<(IReadOnlyList<JsonObject> All, string Said)> InstallAsync(string values)
    {
        if (TestCluster.IsEmbedded)
            Assert.Ignore("The embedded cluster has none of some kinds that are installed.");
        var text = HelmChart.RenderText(values, Release, Namespace);
        // The definition is what the cluster has from the start (.ci/with-cluster), and PodDisruptionBudgets are v1 since Kubernetes 1.21, which it need not be.
        var documents = Document().Split(text).Where(document => !document.Contains("\nkind: CustomResourceDefinition\n", StringComparison.Ordinal));
        text = string.Join("\n---\n", documents).Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal)
            .Replace("\n  namespace: shop\n", $"\n  namespace: {Namespace}\n", StringComparison.Ordinal).Replace("\n  namespace: blog\n", $"\n  namespace: {Namespace}\n", StringComparison.Ordinal);
        var all = NoteThoseOfCluster(Yaml.ParseAll(text));
        return (all, await Kubectl.RunAsync(Namespace, Cancellation, "apply", "--server-side", "-f", _folder.Write("rendered.yaml", text)));
    }

    private static JsonNode Controllers(IEnumerable<JsonObject> all) => all.Single(item => item.Text("kind") == "Deployment").At("spec.template.spec")!;

    /// <summary>Applies the rendered roles and ConfigMaps, and gives back a kubeconfig of a rendered account.</summary>
    private async Task<string> AccountAsync(IReadOnlyList<JsonObject> all, string name)
    {
        var manifest = string.Join("\n---\n", NoteThoseOfCluster(all).Where(item => item.Text("kind") is "ServiceAccount" or "Role" or "RoleBinding" or "ClusterRole" or "ClusterRoleBinding").Select(item => item.ToJsonString()));
        return await ServiceAccountKubeconfig.CreateAsync(Api, manifest, _folder.Path, Cancellation, Namespace, name);
    }

    /// <summary>What is in the namespace goes with it; this is deleted with the test.</summary>
    private IReadOnlyList<JsonObject> NoteThoseOfCluster(IReadOnlyList<JsonObject> all)
    {
        _ofCluster.AddRange(all.Where(item => item.Text("kind") is "ClusterRole" or "ClusterRoleBinding"));
        return all;
    }

    private async Task<InstalledPod> PodAsync(IEnumerable<JsonObject> all, JsonNode pod)
    {
        foreach (var settings in all.Where(item => item.Text("kind") == "ConfigMap"))
            await ApplyAsync(settings.ToJsonString());
        return await InstalledPod.PrepareAsync(Api, pod, Namespace, _folder.Path, Cancellation);
    }

    private static RolloutBuilder Version(string version, params (string Key, string Value)[] annotations) =>
        new(Manifests.Template(version, "shop", annotations)) { MaxErrorRate = null, Weights = [50, 100] };

    private string Shop => ClusterPath.Rollouts(Namespace, "shop");

    private Task<JsonObject> UntilPhaseAsync(string phase) => UntilAsync(
        Shop,
        rollout => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation")
            && rollout.Text("status.phase") == phase && rollout.Text("status.state.name") == "AtRest",
        $"the Rollout to be {phase}", 90);

    [GeneratedRegex(@"(?m)^---\n")]
    private static partial Regex Document();
}
