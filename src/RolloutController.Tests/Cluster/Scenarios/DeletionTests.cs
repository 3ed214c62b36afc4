using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>A Rollout that is deleted gives the traffic back first.</summary>
internal sealed class DeletionTests : RolloutScenario
{
    [Test]
    public async Task Deleted_midway_gives_route_and_Service_back_before_it_goes()
    {
        await StartMidwayAsync();
        await DeleteAsync("background");
        await AssertGivenBackAsync();
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 0, "the pods to go with the Rollout");
    }

    [Test]
    public async Task Deleted_in_the_foreground_midway_gives_route_and_Service_back_before_it_goes()
    {
        await StartMidwayAsync();
        await DeleteAsync("foreground");
        await AssertGivenBackAsync();
        await UntilAllAsync(ClusterPath.Pods(Namespace), pods => pods.Count == 0, "the pods to go with the Rollout");
    }

    [Test]
    public async Task Deleted_midway_as_an_orphan_leaves_the_stable_pods()
    {
        var stable = await StartMidwayAsync();
        await DeleteAsync("orphan");
        await AssertGivenBackAsync();
        await UntilAllAsync(
            ClusterPath.Pods(Namespace), pods => pods.Select(pod => pod.Uid()).ToHashSet().SetEquals(stable), "the stable pods, and no others, to be left");
    }

    [Test]
    public async Task Deleted_at_rest_goes_at_once_even_without_a_controller()
    {
        await DeployAsync(Version("v1"));
        var stable = Kubelet.RunningUids();
        await Controller.KillAsync();
        await DeleteAsync("orphan");
        await WaitFor.GoneAsync(Api, RolloutPath, TimeSpan.FromSeconds(30), Cancellation);
        await AssertUntouchedAsync();
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(stable));
    }

    [Test]
    public async Task Rollout_that_is_applied_again_takes_over_the_pods_that_were_left()
    {
        await DeployAsync(Version("v1"));
        var stable = Kubelet.RunningUids();
        await DeleteAsync("orphan");
        await WaitFor.GoneAsync(Api, RolloutPath, TimeSpan.FromSeconds(30), Cancellation);
        await ApplyAsync(Version("v1").Yaml());
        await UntilAtRestAsync("Healthy");
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(stable));
    }

    private string RolloutPath => ClusterPath.Rollouts(Namespace, "shop");

    /// <summary>The uids of the stable pods, with a second version at 25 %.</summary>
    private async Task<IReadOnlySet<string>> StartMidwayAsync()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilJudgedAsync(25);
        return Kubelet.RunningUids(pod => PodAnnotations.VersionOf(pod) == "v1");
    }

    private Task<string> DeleteAsync(string cascade) => Kubectl.RunAsync(Namespace, Cancellation, "delete", "rollout/shop", $"--cascade={cascade}", "--wait=false");

    private async Task AssertGivenBackAsync()
    {
        await WaitFor.GoneAsync(Api, RolloutPath, TimeSpan.FromSeconds(50), Cancellation);
        await AssertUntouchedAsync();
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
        Assert.That(RestAt(Trace.Rollouts.Events.Single(change => change.Type == "DELETED").Object), Is.True, "all is given back before the Rollout is gone");
    }

    private bool RestAt(JsonObject gone)
    {
        var revision = RolloutTrace.Revision(gone);
        return RouteShares.Percent(RolloutTrace.At(Trace.Routes, "shop", revision)!, "shop-canary") == 0
            && RolloutTrace.Pin(RolloutTrace.At(Trace.Services, "shop", revision)!) is null
            && RolloutTrace.At(Trace.Services, "shop-canary", revision) is null;
    }
}
