using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>There is nothing to compare a first version with, and nothing to go back to.</summary>
internal sealed class FirstDeploymentTests : ControllerTest
{
    [Test]
    public async Task First_version_goes_straight_to_all_the_traffic_and_changes_nothing_else()
    {
        var routes = await RecordAsync(ClusterPath.HttpRoutes(Namespace));
        var services = await RecordAsync(ClusterPath.Services(Namespace));
        var rollouts = await RecordAsync(ClusterPath.Rollouts(Namespace));

        var rollout = await DeployAsync(Rollout("v1") with { Replicas = 3 });

        await UntilPodsAsync(("v1", 3));
        Assert.That(rollout.Number("status.weight"), Is.EqualTo(100));
        Assert.That(rollout.Text("status.step"), Is.EqualTo("4/4"));
        Assert.That(rollout.Is("Ready"), Is.True);
        Assert.That(await ReplicaSetsAsync(), Has.Count.EqualTo(1));
        Assert.That(routes.Course("shop", route => route.Number("metadata.generation")), Is.EqualTo([1]));
        Assert.That(services.Versions("shop"), Has.Count.EqualTo(1));
        Assert.That(services.Events.Select(change => change.Object.Name()), Is.All.EqualTo("shop"));
        Assert.That(rollouts.Versions("shop").SelectMany(version => version.Each("metadata.finalizers")), Is.Empty);
    }

    [Test]
    public async Task Rollout_that_is_applied_before_its_Service_waits_for_it()
    {
        var rollouts = await RecordAsync(ClusterPath.Rollouts(Namespace));

        await ApplyAsync(CountedRollout("v1"));
        await UntilRolloutAsync(rollout => rollout.Text("status.message")?.StartsWith("waits for what is applied with it", StringComparison.Ordinal) is true, "the Rollout to wait");
        Assert.That(await Kubectl.RunAsync(Namespace, Cancellation, "get", "rollout/shop", "--no-headers"), Does.Match(@"^shop\s+Progressing\s"));
        await ApplyAsync(Manifests.Service());

        await UntilHealthyAsync();
        Assert.That(rollouts.Versions("shop").Where(version => version.Text("status.message") is not null).Select(version => version.Text("status.phase")), Is.All.Not.Null);
        Assert.That(rollouts.Versions("shop").Select(version => version.Is("Stalled")), Is.All.False);
    }

    [Test]
    public async Task Name_of_a_ReplicaSet_that_somebody_else_has_is_told()
    {
        await DeployAsync(CountedRollout("v1"));
        var name = (await ReplicaSetsAsync()).Single().Name();
        await Kubectl.RunAsync(Namespace, Cancellation, "delete", "rollout/shop", "--cascade=foreground");
        await ApplyAsync(Manifests.ReplicaSet(name, "elsewhere"));

        await ApplyAsync(CountedRollout("v1"));
        var told = await UntilRolloutAsync(rollout => rollout.Is("Stalled"), "the name to be told");
        Assert.That(told.Condition("Stalled").Text("reason"), Is.EqualTo("ReconcileFailed"));
        Assert.That(told.Text("status.message"), Does.Contain(name).And.Contain("already exists"));

        await Api.DeleteAsync(ClusterPath.ReplicaSets(Namespace, name), Cancellation);
        await UntilHealthyAsync();
    }

    [Test]
    public async Task Newer_template_takes_the_place_of_a_first_version_that_never_became_ready()
    {
        await ApplyAsync(Manifests.Service());
        await ApplyAsync(CountedRollout("v1", (PodAnnotations.Behaviour, "image-pull")) with { ProgressDeadline = "3s" });
        var stuck = await UntilRolloutAsync(rollout => rollout.Is("Stalled"), "the first version to be late");
        Assert.That(stuck.Condition("Stalled").Text("reason"), Is.EqualTo("ProgressDeadlineExceeded"));
        Assert.That(stuck.Text("status.message"), Does.Contain("cannot be pulled").And.Contain("no earlier version"));

        await ApplyAsync(CountedRollout("v2"));

        await UntilHealthyAsync();
        await UntilPodsAsync(("v2", 2));
    }
}
