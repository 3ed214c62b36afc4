using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>The scale subresource, which kubectl and autoscalers use.</summary>
internal sealed class ScaleSubresourceTests : ControllerTest
{
    [Test]
    public async Task Kubectl_scales_a_Rollout_by_its_short_name()
    {
        await DeployAsync(Rollout("v1"));

        await Kubectl.RunAsync(Namespace, Cancellation, "scale", "rol/shop", "--replicas=3");

        await UntilPodsAsync(("v1", 3));
        var rollout = await UntilRolloutAsync(item => item.Number("status.replicas") == 3, "the count in status");
        Assert.That(rollout.Text("status.selector"), Is.EqualTo("app=shop"));
        var scale = await Api.GetAsync(ClusterPath.Rollouts(Namespace, "shop") + "/scale", Cancellation);
        Assert.That(scale.Number("spec.replicas"), Is.EqualTo(3));
        Assert.That(scale.Number("status.replicas"), Is.EqualTo(3));
        Assert.That(scale.Text("status.selector"), Is.EqualTo("app=shop"));
    }

    [Test]
    public async Task Count_that_was_left_out_is_written_so_that_scaling_works()
    {
        await DeployAsync(Rollout("v1") with { Replicas = null });
        await UntilRolloutAsync(item => item.Number("spec.replicas") == 1, "the default to be written");

        await Kubectl.RunAsync(Namespace, Cancellation, "scale", "rollout/shop", "--current-replicas=1", "--replicas=2");

        await UntilPodsAsync(("v1", 2));
    }

    [Test]
    public async Task Selector_and_count_cover_both_versions_midway()
    {
        var rollout = Rollout("v1") with { Replicas = 4, Weights = [50, 100], Hold = "5m" };
        await DeployAsync(rollout);
        await ApplyAsync(rollout with { Template = Manifests.Template("v2") });
        await UntilJudgedAtAsync(50);

        var seen = await UntilRolloutAsync(item => item.Number("status.replicas") == 6, "pods of both versions in status");
        Assert.That(seen.Number("status.canaryReplicas"), Is.EqualTo(2));
        Assert.That(seen.Text("status.selector"), Is.EqualTo("app=shop"));
    }
}
