using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>A Rollout takes a Deployment's template, and its pods as they run.</summary>
internal sealed class WorkloadAdoptionTests : WorkloadTest
{
    [Test]
    public async Task Deployment_stands_still_and_none_of_its_pods_is_restarted()
    {
        var pods = await TakeOverAsync(Adopting());

        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        Assert.That(Kubelet.Starts, Is.EqualTo(Replicas));
        var deployment = await Api.GetAsync(Deployment, Cancellation);
        Assert.That((deployment.Flag("spec.paused"), deployment.Number("spec.replicas")), Is.EqualTo((true, (long?)Replicas)));
        Assert.That(deployment.Annotation(TakenOverBy), Is.EqualTo("shop"));
        var sets = await ReplicaSetsAsync();
        Assert.That(sets.Select(Owner), Is.EqualTo(["Rollout"]));
    }

    [Test]
    public async Task New_template_in_the_Deployment_is_rolled_out_step_by_step()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        await TakeOverAsync(Adopting() with { Weights = [25, 100] });

        await ReleaseAsync("v2");

        await UntilRolloutAsync(rollout => rollout.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();
        await UntilPodsAsync(("v2", Replicas));
        Assert.That(routes.Course("shop", route => RouteShares.Percent(route, "shop-canary")), Is.EqualTo([0, 25, 100, 0]));
        Assert.That((await Api.GetAsync(Deployment, Cancellation)).Flag("spec.paused"), Is.True);
    }

    [Test]
    public async Task Rolling_update_of_the_Deployment_is_waited_for()
    {
        await RunDeploymentAsync();
        await Api.StrategicMergeAsync(
            Deployment,
            Yaml.Parse($"{{spec: {{template: {{metadata: {{annotations: {{{PodAnnotations.StartDelay}: '1000'}}}}, spec: {{containers: [{{name: app, image: 'example/shop:v2'}}]}}}}}}}}"),
            Cancellation);
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Any(pod => PodAnnotations.VersionOf(pod) == "v2"), "a pod of v2");

        await DeployAsync(Adopting());

        await UntilPodsAsync(("v2", Replicas));
        Assert.That(Kubelet.Starts, Is.EqualTo(2 * Replicas), "no pod was started twice");
    }

    [Test]
    public async Task Old_versions_of_the_Deployment_stay_without_pods()
    {
        await RunDeploymentAsync();
        await ReleaseAsync("v2");
        await UntilPodsAsync(("v2", Replicas));
        var pods = Kubelet.RunningUids();

        await DeployAsync(Adopting());

        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.All(set => Owner(set) == "Rollout"), "all ReplicaSets to change hands");
        await UntilPodsAsync(("v2", Replicas));
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        Assert.That(Kubelet.Starts, Is.EqualTo(2 * Replicas));
    }

    [Test]
    public async Task Paused_Deployment_that_asks_for_another_version_than_it_serves_is_rolled_out_from_what_it_serves()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        await RunDeploymentAsync();
        await Api.MergeAsync(Deployment, "{spec: {paused: true}}", Cancellation);
        await ReleaseAsync("v2");

        await DeployAsync(Adopting() with { Weights = [50, 100] });

        await UntilPodsAsync(("v2", Replicas));
        Assert.That(routes.Course("shop", route => RouteShares.Percent(route, "shop-canary")), Is.EqualTo([0, 50, 100, 0]));
    }

    private static string? Owner(JsonObject set) =>
        set.Each("metadata.ownerReferences").Single(owner => owner.Flag("controller")).Text("kind");
}
