using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>Without routes, pod counts make the split, within surge and unavailability.</summary>
internal sealed class PodCountTests : ControllerTest
{
    [TestCase("1", "0", 5, 4)]
    [TestCase("0", "1", 4, 3)]
    [TestCase("50%", "25%", 6, 3)]
    [TestCase("100%", "0", 8, 4)]
    public async Task Pods_never_leave_the_limits_while_a_version_replaces_another(string surge, string unavailable, int most, int fewest)
    {
        var rollout = CountedRollout("v1") with { Replicas = 4, More = $"  maxSurge: {surge}\n  maxUnavailable: {unavailable}" };
        await DeployAsync(rollout);
        await using var census = await PodCensus.StartAsync(Api, Namespace, Cancellation);

        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilRolloutAsync(item => item.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();

        await UntilPodsAsync(("v2", 4));
        Assert.That(census.Counts().Max(count => count.Existing), Is.LessThanOrEqualTo(most));
        Assert.That(census.Counts().Min(count => count.Available), Is.GreaterThanOrEqualTo(fewest));
    }

    [Test]
    public async Task Weight_in_status_is_the_true_ratio()
    {
        var rollouts = await RecordAsync(ClusterPath.Rollouts(Namespace));
        var services = await RecordAsync(ClusterPath.Services(Namespace));
        var rollout = CountedRollout("v1") with { Replicas = 3, Weights = [10, 50, 100] };
        await DeployAsync(rollout);

        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilRolloutAsync(item => item.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();

        var judged = rollouts.Versions("shop").Where(version => version.Text("status.state.stage") == "Judging");
        Assert.That(judged.Select(version => version.Number("status.weight")).Distinct(), Is.EqualTo([33, 67, 100]));
        Assert.That(services.Versions("shop"), Has.Count.EqualTo(1), "the Service stays as the user applied it");
    }

    [Test]
    public async Task Version_that_does_not_become_ready_goes_and_costs_no_pod_of_the_one_that_serves()
    {
        var rollout = CountedRollout("v1") with { Replicas = 4, ProgressDeadline = "3s" };
        await DeployAsync(rollout);
        await using var census = await PodCensus.StartAsync(Api, Namespace, Cancellation);

        await ApplyAsync(rollout with { Template = Manifests.Template("v2", "shop", (PodAnnotations.Behaviour, "never-ready")) });

        var back = await UntilRolloutAsync(item => IsAtRest(item) && item.Text("status.phase") == "RolledBack", "the rollback");
        Assert.That(back.Text("status.lastRollback.check"), Is.EqualTo("pods"));
        Assert.That(back.Text("status.lastRollback.reason"), Is.EqualTo("ProbeFailing"));
        await UntilPodsAsync(("v1", 4));
        Assert.That(census.Counts().Max(count => count.Existing), Is.EqualTo(5));
        Assert.That(census.Counts().Min(count => count.Available), Is.EqualTo(4));
    }

    [Test]
    public async Task Version_whose_pods_break_midway_is_replaced_by_the_one_before()
    {
        var rollout = CountedRollout("v1") with { Replicas = 4, Weights = [50, 100], Hold = "5m" };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);
        await using var census = await PodCensus.StartAsync(Api, Namespace, Cancellation);

        Kubelet.Become(PodBehaviour.CrashLoop, pod => PodAnnotations.VersionOf(pod) == "v2");

        var back = await UntilRolloutAsync(item => IsAtRest(item) && item.Text("status.phase") == "RolledBack", "the rollback");
        Assert.That(back.Number("status.weight"), Is.Zero);
        await UntilPodsAsync(("v1", 4));
        Assert.That(census.Counts().Max(count => count.Existing), Is.LessThanOrEqualTo(5));
        Assert.That(census.Counts().Min(count => count.Available), Is.EqualTo(2), "the two that the new version had left");
    }
}
