using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>The template changes while a rollout runs, or while what runs is broken.</summary>
internal sealed class ReplacedVersionTests : RolloutScenario
{
    [Test]
    public async Task Third_version_replaces_the_second_midway()
    {
        await DeployAsync(Version("v1"));
        var second = await ShipAsync(Version("v2") with { PauseAt = [25] });
        var midway = await UntilJudgedAsync(25);
        await ApplyAsync(Version("v3").Yaml());
        var healthy = await UntilAtRestAsync("Healthy");
        var third = healthy.Text("status.stableRevision");

        Assert.That(third, Is.Not.EqualTo(second).And.Not.EqualTo(midway.Text("status.stableRevision")));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0, 5, 25, 50, 100, 0]));
        Assert.That(healthy.At("status.lastRollback"), Is.Null);
        Assert.That(Traffic.Of("v3").Requests, Is.Positive);

        // The canary Service never changes hands while the route gives it weight.
        var repointed = Trace.Services.Versions("shop-canary").First(service => RolloutTrace.Pin(service) == third);
        var route = RolloutTrace.At(Trace.Routes, "shop", RolloutTrace.Revision(repointed))!;
        Assert.That(RouteShares.Percent(route, "shop-canary"), Is.Zero);
        var start = RolloutTrace.Revision(midway);
        var end = RolloutTrace.Revision(Trace.First(rollout => rollout.Text("status.state.name") == "Promoting", after: start)!);
        Assert.That(Trace.First(rollout => rollout.Is("Succeeded") && RolloutTrace.Revision(rollout) < end, after: start), Is.Null, "it succeeds only once the third version is promoted");
        Assert.That(Kubelet.Pods.Where(pod => PodAnnotations.VersionOf(pod.Object) == "v2").All(pod => pod.Ending), Is.True);
    }

    [Test]
    public async Task Going_back_midway_ends_the_rollout_without_blame()
    {
        var first = await DeployAsync(Version("v1"));
        var stable = Kubelet.RunningUids();
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilJudgedAsync(25);
        await ApplyAsync((Version("v1") with { PauseAt = [25] }).Yaml());

        var healthy = await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
        Assert.That(healthy.Text("status.stableRevision"), Is.EqualTo(first.Text("status.stableRevision")));
        Assert.That(healthy.Text("status.failedRevision"), Is.Null.Or.Empty);
        Assert.That(healthy.At("status.lastRollback"), Is.Null);
        Assert.That(healthy.Is("Succeeded"), Is.True);
        Assert.That(Kubelet.RunningUids(), Is.EquivalentTo(stable));
        await UntilEventAsync("Reverted");
    }

    [Test]
    public async Task Fix_replaces_a_stable_version_without_a_ready_pod()
    {
        await DeployAsync(Version("v1"));
        Kubelet.Become(PodBehaviour.NeverReady);
        await UntilRolloutAsync(rollout => rollout.Number("status.availableReplicas") == 0, "no pod to be available");

        var fix = await ShipAsync(Version("v2"));
        Assert.That((await UntilAtRestAsync("Healthy")).Text("status.stableRevision"), Is.EqualTo(fix));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 100, 0]), "nobody else serves, so the fix takes all the traffic as soon as it can");
    }

    [Test]
    public async Task Fix_replaces_a_version_that_broke_after_its_promotion()
    {
        await DeployAsync(Version("v1"));
        Traffic.Fail("v1", 0.5);
        var fix = await ShipAsync(Version("v2"));
        Assert.That((await UntilAtRestAsync("Healthy")).Text("status.stableRevision"), Is.EqualTo(fix));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
    }
}
