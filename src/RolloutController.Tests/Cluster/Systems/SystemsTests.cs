using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.Systems;

/// <summary>
/// One story of each system of the folder examples on a control plane, in real time: its own manifests, real Jobs, and requests to the pods'
/// own addresses. A version that its runbook stops before any traffic leaves everything as it was.
/// </summary>
internal sealed class SystemsTests : ClusterTest
{
    [SetUp]
    public void RequirePodAddresses() => RealPods.RequirePodAddresses();

    [TestCase("production-runbook", "gate-fails")]
    [TestCase("toy-resale-wizard", "new-instance-unhealthy")]
    [TestCase("eden-erp", "smoke-test-fails")]
    [TestCase("wholesale-os", "database-unreachable")]
    [TestCase("mybizstream", "seed-open")]
    public async Task Version_that_the_runbook_stops_gets_no_request(string system, string name)
    {
        var story = ScenarioFile.Read(RepositoryFiles.PathOf($"examples/{system}/stories/{name}.yaml"));
        await StartKubeletAsync(new StoryPods(story, "2.0.0"));
        await StartGatewayAsync();
        await StartControllerAsync((await SharedPrometheusAsync()).Url, await ClusterSession.AccountAsync(Api, Cancellation));
        var manifests = Yaml.ParseAll(await File.ReadAllTextAsync(RepositoryFiles.PathOf($"examples/{system}/rollout.yaml"), Cancellation));
        var rollout = manifests.Single(manifest => (string)manifest["kind"]! == "Rollout");
        Shorten(rollout);
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Namespace}.json");
        await File.WriteAllTextAsync(file, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. manifests]) }.ToJsonString(), Cancellation);
        await Kubectl.RunAsync(Namespace, Cancellation, "apply", "-f", file);
        File.Delete(file);
        var path = ClusterPath.Rollouts(Namespace, rollout.Name());
        await UntilAsync(path, seen => seen.Text("status.phase") == "Healthy", "the first version", seconds: 90);
        var before = await UserObjectsAsync(rollout);
        var pods = (await Api.ListAsync(ClusterPath.Pods(Namespace), Cancellation)).Select(pod => pod.Uid()).ToHashSet();
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));

        await Api.MergeAsync(path, $"spec: {{template: {{spec: {{containers: [{NextVersion(rollout)}] }} }} }}", Cancellation);
        var ended = await UntilAsync(path, seen => seen.Text("status.phase") == "RolledBack" && seen.Text("status.state.name") == "AtRest" && !seen.Each("metadata.finalizers").Any(), "the way back", seconds: 120);

        Assert.That(ended.Text("status.lastRollback.check"), Is.EqualTo(story.ExpectedCheck));
        Assert.That(await UserObjectsAsync(rollout), Is.EqualTo(before));
        Assert.That(routes.Course(rollout.Name(), route => route["spec"]!.ToJsonString()), Has.Count.EqualTo(1), "the route never changed");
        await UntilAllAsync(ClusterPath.Pods(Namespace), all => all.Where(pod => pod.Label("job-name") is null).Select(pod => pod.Uid()).ToHashSet().SetEquals(pods), "the pods of before, and no others");
    }

    /// <summary>As it is written, but for the times at which it may start, and for pods of which a few will do.</summary>
    private static void Shorten(JsonObject rollout)
    {
        var spec = rollout["spec"]!.AsObject();
        spec.Remove("windows");
        spec["replicas"] = 2;
    }

    private static string NextVersion(JsonObject rollout)
    {
        var container = rollout.At("spec.template.spec.containers.0")!.DeepClone().AsObject();
        container["image"] = ((string)container["image"]!).Replace(":1.0.0", ":2.0.0", StringComparison.Ordinal);
        return container.ToJsonString();
    }

    /// <summary>What the user applied beside the Rollout, as it is now.</summary>
    private async Task<string> UserObjectsAsync(JsonObject rollout)
    {
        var service = await Api.GetAsync(ClusterPath.Services(Namespace, rollout.Name()), Cancellation);
        var route = await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, rollout.Name()), Cancellation);
        return $"{service!["spec"]}\n{route!["spec"]}";
    }
}
