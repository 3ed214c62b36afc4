using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>A Rollout that took over a Deployment is deleted.</summary>
internal sealed class WorkloadReturnTests : WorkloadTest
{
    [Test]
    public async Task Restore_gives_the_running_pods_back_and_lets_the_Deployment_go_on()
    {
        var pods = await TakeOverAsync(Adopting());

        await DeleteRolloutAsync();

        await UntilReturnedAsync(pods);
        await ReleaseAsync("v2");
        await UntilPodsAsync(("v2", Replicas));
    }

    [Test]
    public async Task Version_that_the_Rollout_brought_goes_back_as_well()
    {
        await TakeOverAsync(Adopting() with { Weights = [100] });
        await ReleaseAsync("v2");
        await UntilRolloutAsync(rollout => rollout.Text("status.state.name") == "Progressing", "a rollout");
        await UntilHealthyAsync();
        await UntilPodsAsync(("v2", Replicas));
        var pods = Kubelet.RunningUids();

        await DeleteRolloutAsync();

        await UntilReturnedAsync(pods);
    }

    [Test]
    public async Task Rollout_that_was_deleted_while_no_controller_ran_is_made_good_later()
    {
        var pods = await TakeOverAsync(Adopting());
        await Controller.KillAsync();

        await DeleteRolloutAsync();
        Assert.That((await Api.GetAsync(Deployment, Cancellation)).Flag("spec.paused"), Is.True);
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));

        await Controller.StartAgainAsync(Cancellation);
        await UntilReturnedAsync(pods);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Delete_removes_the_pods_and_leaves_the_Deployment_paused(bool decidedLater)
    {
        await TakeOverAsync(Adopting(decidedLater ? "Restore" : "Delete"));
        if (decidedLater)
        {
            await ChangeAsync("{spec: {deletionPolicy: Delete}}");
            await UntilAllAsync(
                ClusterPath.ReplicaSets(Namespace), sets => sets.All(set => set.Each("metadata.ownerReferences").All(owner => owner.Text("kind") == "Rollout")),
                "the ReplicaSets to belong to the Rollout alone");
        }

        await DeleteRolloutAsync();

        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 0, "the pods to go");
        var deployment = await UntilAsync(Deployment, shop => shop.Annotation(TakenOverBy) is null, "the Deployment to be released");
        Assert.That(deployment.Flag("spec.paused"), Is.True);
        Assert.That(Kubelet.Starts, Is.EqualTo(Replicas), "no pod was started anew");
    }

    [Test]
    public async Task Deletion_midway_keeps_the_pods_that_serve_and_leaves_the_Deployment_paused_because_its_template_is_another()
    {
        var pods = await TakeOverAsync(Adopting() with { Weights = [50, 100], Hold = "5m" });
        var atRest = (await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation)).At("spec")!.ToJsonString();
        await ReleaseAsync("v2");
        await UntilJudgedAtAsync(50);

        await DeleteRolloutAsync();

        var deployment = await UntilAsync(Deployment, shop => shop.Annotation(TakenOverBy) is null, "the Deployment to be released", 60);
        Assert.That(deployment.Flag("spec.paused"), Is.True);
        await UntilPodsAsync(("v1", Replicas));
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        Assert.That((await UntilEventAsync("shop", "WorkloadStaysPaused")).Text("message"), Does.Contain("kubectl rollout resume deployment/shop"));
        Assert.That((await Api.GetAsync(ClusterPath.HttpRoutes(Namespace, "shop"), Cancellation)).At("spec")!.ToJsonString(), Is.EqualTo(atRest));
        var services = await Api.ListAsync(ClusterPath.Services(Namespace), Cancellation);
        Assert.That(services.Select(service => service.At("spec.selector")!.ToJsonString()), Is.EqualTo(["""{"app":"shop"}"""]));
    }

    private async Task DeleteRolloutAsync()
    {
        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, "shop"), Cancellation);
        await WaitFor.GoneAsync(Api, ClusterPath.Rollouts(Namespace, "shop"), TimeSpan.FromSeconds(60), Cancellation);
    }

    private async Task UntilReturnedAsync(IReadOnlySet<string> pods)
    {
        await UntilAsync(
            Deployment, shop => !shop.Flag("spec.paused") && shop.Annotation(TakenOverBy) is null && shop.Number("status.availableReplicas") == Replicas,
            "the Deployment to have its pods back", 60);
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        var owners = (await ReplicaSetsAsync()).Where(set => set.Number("spec.replicas") > 0).SelectMany(Owners);
        Assert.That(owners, Is.All.EqualTo("Deployment"));
    }

    private static IEnumerable<string?> Owners(JsonObject set) => set.Each("metadata.ownerReferences").Select(owner => owner.Text("kind"));
}
