using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>Two replicas elect one that acts; the other takes over when it goes.</summary>
internal sealed class LeaderTests : RolloutScenario
{
    private const string Acted = "Carried out";

    private ControllerProcess _second = null!;

    [Test]
    public async Task Second_replica_takes_over_from_a_leader_that_was_killed()
    {
        await StartMidwayAsync();
        var before = await HolderAsync();
        await Controller.KillAsync();
        await AssertTakenOverAsync(before, 90);
    }

    [Test]
    public async Task Second_replica_takes_over_soon_from_a_leader_that_was_told_to_stop()
    {
        await StartMidwayAsync();
        var before = await HolderAsync();
        Assert.That(await Controller.TerminateAsync(TimeSpan.FromSeconds(30), Cancellation), Is.True);
        Assert.That(await HolderAsync(), Is.Not.EqualTo(before), "the lease is given back, not left to run out");
        await AssertTakenOverAsync(before, 15);
    }

    protected override async Task<ControllerProcess> StartAsync(Uri prometheus)
    {
        var kubeconfig = await ClusterSession.AccountAsync(Api, Cancellation);
        await GrantLeasesAsync();
        var first = await StartControllerAsync(prometheus, kubeconfig, Namespace);
        await UntilAsync(LeasePath, lease => lease.Text("spec.holderIdentity") is { Length: > 0 }, "a leader");
        _second = await StartControllerAsync(prometheus, kubeconfig, Namespace);
        return first;
    }

    private string LeasePath => ClusterPath.Leases(Namespace, "rollout-controller");

    private async Task StartMidwayAsync()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilJudgedAsync(25);
        Assert.That(Controller.ReadLog(), Does.Contain(Acted));
        Assert.That(_second.ReadLog(), Does.Not.Contain(Acted), "only the leader acts");
    }

    private async Task<string> HolderAsync() => (await Api.GetAsync(LeasePath, Cancellation)).Text("spec.holderIdentity") ?? "";

    private async Task AssertTakenOverAsync(string before, double seconds)
    {
        await UntilAsync(LeasePath, lease => lease.Text("spec.holderIdentity") is { Length: > 0 } holder && holder != before, "another leader", seconds);
        await ApplyAsync(Version("v2").Yaml());
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
        Assert.That(_second.ReadLog(), Does.Contain(Acted));
    }
}
