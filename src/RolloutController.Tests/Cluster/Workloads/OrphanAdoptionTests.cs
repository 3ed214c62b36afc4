using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>The other way from a Deployment to a Rollout: <c>kubectl delete deployment --cascade=orphan</c>, then a Rollout with its template.</summary>
internal sealed class OrphanAdoptionTests : WorkloadTest
{
    [Test]
    public async Task Orphan_with_the_same_template_is_taken_over_without_a_restart()
    {
        var pods = await OrphanAsync();
        var orphan = (await ReplicaSetsAsync()).Single();

        await DeployAsync(Rollout("v1") with { Replicas = Replicas });

        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(pods));
        Assert.That(Kubelet.Starts, Is.EqualTo(Replicas));
        var adopted = (await ReplicaSetsAsync()).Single();
        Assert.That(adopted.Uid(), Is.EqualTo(orphan.Uid()));
        Assert.That(adopted.Text("metadata.ownerReferences.0.kind"), Is.EqualTo("Rollout"));
    }

    [Test]
    public async Task Orphan_with_another_template_is_left_alone()
    {
        var pods = await OrphanAsync();

        await DeployAsync(Rollout("v2") with { Replicas = 2 });

        await UntilPodsAsync(("v1", Replicas), ("v2", 2));
        Assert.That(Kubelet.RunningUids(), Is.SupersetOf(pods));
        var orphan = (await ReplicaSetsAsync()).Single(set => set.Text("spec.template.spec.containers.0.image") == "example/shop:v1");
        Assert.That(orphan.Each("metadata.ownerReferences"), Is.Empty);
        Assert.That(orphan.Number("spec.replicas"), Is.EqualTo(Replicas));
    }

    [TestCase("v1", TestName = "What_a_Rollout_left_without_pods_is_taken_over_as_its_first_version")]
    [TestCase("v2", "v1", TestName = "What_a_Rollout_left_without_pods_is_taken_over_when_its_version_returns")]
    public async Task What_a_Rollout_left_without_pods_is_taken_over(params string[] versions)
    {
        await DeployAsync(Rollout("v1") with { Weights = [100] });
        await ApplyAsync(Rollout("v2") with { Weights = [100] });
        await UntilHealthyAsync();
        var left = (await ReplicaSetsAsync()).Select(set => set.Uid()).ToList();
        await Kubectl.RunAsync(Namespace, Cancellation, "delete", "rollout/shop", "--cascade=orphan");

        foreach (var version in versions)
        {
            await ApplyAsync(Rollout(version) with { Weights = [100] });
            await UntilHealthyAsync();
        }

        var sets = await ReplicaSetsAsync();
        Assert.That(sets.Select(set => set.Uid()), Is.EquivalentTo(left));
        var serving = sets.Single(set => set.Text("spec.template.spec.containers.0.image") == "example/shop:v1");
        Assert.That(serving.Number("spec.replicas"), Is.EqualTo(2));
        Assert.That(serving.Text("metadata.ownerReferences.0.kind"), Is.EqualTo("Rollout"));
    }

    private async Task<IReadOnlySet<string>> OrphanAsync()
    {
        var pods = await RunDeploymentAsync();
        await Api.DeleteAsync(Deployment, Cancellation, new JsonObject { ["propagationPolicy"] = "Orphan" });
        await UntilAllAsync(ClusterPath.ReplicaSets(Namespace), sets => sets.All(set => !set.Each("metadata.ownerReferences").Any()), "the ReplicaSet to be an orphan");
        return pods;
    }
}
