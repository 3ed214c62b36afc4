using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>Users and autoscalers change the number of pods at any time.</summary>
internal sealed class ScalingTests : ControllerTest
{
    private static readonly RolloutBuilder Midway = Rollout("v1") with { Replicas = 2, Weights = [50, 100], Hold = "5m" };

    [Test]
    public async Task Scaling_at_rest_moves_pods_and_nothing_else()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        var services = await RecordAsync(ClusterPath.Services(Namespace));
        await DeployAsync(Rollout("v1"));

        foreach (var replicas in new[] { 4, 1 })
        {
            await ChangeAsync($"{{spec: {{replicas: {replicas}}}}}");
            await UntilPodsAsync(("v1", replicas));
        }

        await UntilHealthyAsync();
        Assert.That(routes.Course("shop", route => route.Number("metadata.generation")), Is.EqualTo([1]));
        Assert.That(services.Versions("shop"), Has.Count.EqualTo(1));
        Assert.That(await ReplicaSetsAsync(), Has.Count.EqualTo(1));
    }

    [Faults.FaultRow(43, "a scale midway")]
    [Test]
    public async Task Scaling_midway_keeps_the_split_of_the_route()
    {
        await DeployAsync(Midway);
        await ApplyAsync(Midway with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));

        await ChangeAsync("{spec: {replicas: 4}}");
        await UntilPodsAsync(("v1", 4), ("v2", 2));
        await ChangeAsync("{spec: {replicas: 1}}");
        await UntilPodsAsync(("v1", 1), ("v2", 1));

        Assert.That((await UntilJudgedAtAsync(50)).Number("status.weight"), Is.EqualTo(50));
        Assert.That(routes.Course("shop", route => RouteShares.Percent(route, "shop-canary")), Is.EqualTo([50]));
    }

    [Test]
    public async Task Scaling_midway_keeps_the_split_of_the_pods()
    {
        var rollout = Midway with { HttpRoutes = [] };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);

        await ChangeAsync("{spec: {replicas: 6}}");
        await UntilPodsAsync(("v1", 3), ("v2", 3));
        await ChangeAsync("{spec: {replicas: 4}}");
        await UntilPodsAsync(("v1", 2), ("v2", 2));

        await UntilJudgedAtAsync(50);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Template_and_replicas_may_change_in_one_apply(bool routed)
    {
        var rollout = routed ? Rollout("v1") : CountedRollout("v1");
        await DeployAsync(rollout);
        await using var census = await PodCensus.StartAsync(Api, Namespace, Cancellation);

        await ApplyAsync(rollout with { Template = Manifests.Template("v2"), Replicas = 5 });
        await UntilRolloutAsync(item => item.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();

        await UntilPodsAsync(("v2", 5));
        Assert.That(census.Counts().Min(count => count.Available), Is.GreaterThanOrEqualTo(2));
    }

    [Test]
    public async Task Version_that_arrives_while_there_are_no_pods_is_deployed_without_steps()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        var rollout = Rollout("v1");
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Replicas = 0 });
        await UntilPodsAsync();
        await UntilHealthyAsync();

        await ApplyAsync(rollout with { Replicas = 0, Template = Manifests.Template("v2") });
        var empty = await UntilHealthyAsync();
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });

        await UntilPodsAsync(("v2", 2));
        var back = await UntilHealthyAsync();
        Assert.That(back.Text("status.stableRevision"), Is.EqualTo(empty.Text("status.stableRevision")));
        Assert.That(routes.Course("shop", route => route.Number("metadata.generation")), Is.EqualTo([1]));
    }

    [Faults.FaultRow(45, "scaled to zero midway")]
    [TestCase(true)]
    [TestCase(false)]
    public async Task Scaling_to_zero_midway_ends_the_rollout_and_puts_traffic_back(bool routed)
    {
        var rollout = routed ? Midway : Midway with { HttpRoutes = [] };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);

        await ChangeAsync("{spec: {replicas: 0}}");
        await UntilPodsAsync();
        await UntilHealthyAsync();
        Assert.That((await Api.ListAsync(ClusterPath.Services(Namespace), Cancellation)).Select(service => service.Name()), Is.EqualTo(["shop"]));

        await ChangeAsync("{spec: {replicas: 2}}");
        await UntilPodsAsync(("v2", 2));
        await UntilHealthyAsync();
    }
}
