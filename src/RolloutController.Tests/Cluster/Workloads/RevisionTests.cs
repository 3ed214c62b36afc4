using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>Which templates are the same revision, and how long revisions are kept.</summary>
internal sealed class RevisionTests : ControllerTest
{
    private const string Written =
        "{metadata: {labels: {app: shop}}, spec: {containers: [{name: app, image: 'example/shop:v1', ports: [{containerPort: 8080, protocol: TCP}]}]}}";

    private const string WrittenWithDefaults =
        """
        {metadata: {labels: {app: shop}}, spec: {restartPolicy: Always, terminationGracePeriodSeconds: 30, dnsPolicy: ClusterFirst, securityContext: {}, schedulerName: default-scheduler,
         containers: [{name: app, image: 'example/shop:v1', ports: [{containerPort: 8080, protocol: TCP}], resources: {}, imagePullPolicy: IfNotPresent,
         terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}]}}
        """;

    [TestCase(Written, WrittenWithDefaults)]
    [TestCase(WrittenWithDefaults, Written)]
    public async Task Template_with_and_without_the_defaults_of_the_API_is_one_revision(string first, string second)
    {
        var rollout = CountedRollout("v1") with { Template = first };
        var before = await DeployAsync(rollout);
        await UntilPodsAsync(("v1", 2));
        var pods = Kubelet.RunningUids();

        // An apply would keep what was applied before and only add to it.
        await ReplaceTemplateAsync(second);

        var after = await UntilHealthyAsync();
        Assert.That(after.Number("metadata.generation"), Is.GreaterThan(before.Number("metadata.generation")));
        Assert.That(after.Text("status.stableRevision"), Is.EqualTo(before.Text("status.stableRevision")));
        Assert.That(await ReplicaSetsAsync(), Has.Count.EqualTo(1));
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        Assert.That(Kubelet.Starts, Is.EqualTo(2));
    }

    [Test]
    public async Task Template_of_an_earlier_version_gets_its_ReplicaSet_again()
    {
        var first = await DeployAsync(Rollout("v1") with { Weights = [50, 100] });
        var set = (await ReplicaSetsAsync()).Single();
        await RollOutAsync("v2");

        var again = await RollOutAsync("v1");

        await UntilPodsAsync(("v1", 2));
        Assert.That(again.Text("status.stableRevision"), Is.EqualTo(first.Text("status.stableRevision")));
        var sets = await ReplicaSetsAsync();
        Assert.That(sets, Has.Count.EqualTo(2));
        Assert.That(sets.Select(item => item.Uid()), Does.Contain(set.Uid()));
    }

    [Test]
    public async Task Only_so_many_old_versions_are_kept_and_the_oldest_go_first()
    {
        await DeployAsync(Rollout("v1") with { Weights = [100], More = "  revisionHistoryLimit: 1" });
        foreach (var version in new[] { "v2", "v3" })
            await RollOutAsync(version);

        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.Count == 2, "the oldest version to go");
        var images = (await ReplicaSetsAsync()).Select(set => set.Text("spec.template.spec.containers.0.image"));
        Assert.That(images, Is.EquivalentTo(["example/shop:v2", "example/shop:v3"]));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Pod_counts_once_it_has_been_ready_for_minReadySeconds(bool changed)
    {
        var rollout = Rollout("v1") with { Weights = [50, 100] };
        await DeployAsync(changed ? rollout : rollout with { More = "  minReadySeconds: 3" });
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        var sets = await RecordAsync(ClusterPath.ReplicaSets(Namespace));

        await ApplyAsync(rollout with { Template = Manifests.Template("v2"), More = "  minReadySeconds: 3" });
        await UntilJudgedAtAsync(50);

        // One etcd numbers the versions of all kinds.
        var set = (await ReplicaSetsAsync()).Single(item => item.Text("spec.template.spec.containers.0.image") == "example/shop:v2");
        Assert.That(set.Number("spec.minReadySeconds"), Is.EqualTo(3));
        var available = sets.Versions(set.Name()).First(version => version.Number("status.availableReplicas") > 0);
        var weighted = routes.Versions("shop").First(route => RouteShares.Percent(route, "shop-canary") > 0);
        Assert.That(weighted.Number("metadata.resourceVersion"), Is.GreaterThan(available.Number("metadata.resourceVersion")));
    }

    [Test]
    public async Task Changed_minReadySeconds_holds_for_a_version_that_comes_back()
    {
        await DeployAsync(Rollout("v1") with { Weights = [100] });
        await RollOutAsync("v2");
        await ChangeAsync("{spec: {minReadySeconds: 2}}");

        await RollOutAsync("v1");

        var set = (await ReplicaSetsAsync()).Single(item => item.Number("spec.replicas") > 0);
        Assert.That(set.Number("spec.minReadySeconds"), Is.EqualTo(2));
    }

    private async Task<JsonObject> RollOutAsync(string version)
    {
        await ReplaceTemplateAsync(Manifests.Template(version));
        return await UntilHealthyAsync();
    }

    private Task<JsonObject> ReplaceTemplateAsync(string template) => Api.JsonPatchAsync(
        ClusterPath.Rollouts(Namespace, "shop"),
        new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/spec/template", ["value"] = Yaml.Parse(template) }),
        Cancellation);
}
