using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>The DNS of the cluster is down: the row of <c>docs/operations.md</c>, with real names, pods that serve on their own addresses, and a real Prometheus.</summary>
internal sealed class NameOutageTests : ClusterTest
{
    private const string PrometheusName = "prometheus.monitoring.svc.cluster.local";
    private const string HookName = "approvals.shop.svc.cluster.local";

    private readonly TemporaryFolder _files = new();

    [SetUp]
    public void RequirePodAddresses() => RealPods.RequirePodAddresses();

    [TearDown]
    public void DeleteFiles() => _files.Dispose();

    [Test]
    public async Task Providers_and_hooks_are_waited_for_and_the_API_server_and_pods_are_asked_by_address()
    {
        await RequireRolloutsAsync();
        var names = Own(NameServer.Start());
        var hook = Own(await TestApi.StartAsync(context => context.Json("""{"verdict": "proceed"}""")));
        var prometheus = await SharedPrometheusAsync();
        var settings = _files.Write("settings.json", $$$"""
            {"Rollout": {
              "Prometheus": {"Address": "http://{{{PrometheusName}}}:{{{prometheus.Url.Port}}}"},
              "Hooks": {"approvals": {"Address": "http://{{{HookName}}}:{{{hook.Address.Port}}}"}}
            }}
            """);
        await StartKubeletAsync(new RealPods());
        await StartGatewayAsync();
        await StartTrafficAsync("shop", "shop", requestsPerSecond: 2000);
        Own(await ControllerProcess.StartAskingAsync(names, await ClusterSession.AccountAsync(Api, Cancellation), Namespace, Cancellation, "--settings", settings));
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(Manifests.HttpRoute());
        await ApplyAsync(Version("v1"));
        await UntilAtRestAsync("Healthy");

        await ApplyAsync(Version("v2"));
        await UntilShopAsync(rollout => rollout.Text("status.message")!.Contains("provider prometheus cannot be reached: its name does not resolve", StringComparison.Ordinal), "the status to say why");
        var held = await UntilShopAsync(rollout => KnowsNothing(rollout.At("status.evidence")) && rollout.Each("status.evidence.checks").Any(check => check.Text("name") == "approved" && KnowsNothing(check)), "both to be asked in vain");
        Assert.That((held.Text("status.state.stage"), held.Number("status.state.weight")), Is.EqualTo(("Judging", 50)));
        Assert.That(names.Asked(PrometheusName), Is.Positive);
        Assert.That(names.Asked(HookName), Is.Positive);

        await ApplyAsync(Version("v3", (PodAnnotations.FailPercent, "100")));
        var back = await UntilAtRestAsync("RolledBack");
        Assert.That(back.Text("status.lastRollback.check"), Is.EqualTo("answers"));
        Assert.That(hook.Requests, Is.Empty);

        names.Answers = true;
        await ApplyAsync(Version("v2"));
        await UntilAtRestAsync("Healthy");
        Assert.That(hook.Requests, Is.Not.Empty);
    }

    private static bool KnowsNothing(JsonNode? evidence) => evidence.Text("class") == "ProviderError";

    private static string Version(string version, params (string Key, string Value)[] annotations) =>
        (new RolloutBuilder(Manifests.Template(version, "shop", annotations)) { MaxErrorRate = null, Weights = [50, 100], More = """
              analysis:
                interval: 1s
                errorRate: {max: 1%}
                checks:
                  - {name: answers, http: {path: /}, failures: 1}
                  - {name: approved, hook: {name: approvals}, interval: 1s}
            """ }).Yaml();

    private Task<JsonObject> UntilAtRestAsync(string phase) => UntilShopAsync(
        rollout => rollout.Number("status.observedGeneration") == rollout.Number("metadata.generation") && rollout.Text("status.phase") == phase && rollout.Text("status.state.name") == "AtRest",
        $"the Rollout to be {phase}");

    private Task<JsonObject> UntilShopAsync(Func<JsonObject, bool> condition, string what) => UntilAsync(ClusterPath.Rollouts(Namespace, "shop"), condition, what, 90);
}
