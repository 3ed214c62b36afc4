using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>The controller is killed midway (SIGKILL) and started again: the rollout ends as if nothing had been.</summary>
internal sealed class CrashTests : RolloutScenario
{
    [TestCase(5)]
    [TestCase(25)]
    [TestCase(50)]
    [TestCase(100)]
    public async Task Killed_while_a_weight_is_carried(int weight)
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { Hold = "2s" });
        await UntilWeightAsync(weight);
        await KillAndStartAsync();
        await AssertPromotedAsync(revision);
    }

    [TestCase("Pinning")]
    [TestCase("Shifting")]
    [TestCase("Settling")]
    public async Task Killed_during_promotion(string stage)
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { Propagation = "1s" });
        await UntilStateAsync("Promoting", stage);
        await KillAndStartAsync();
        await AssertPromotedAsync(revision);
    }

    [Test]
    public async Task Killed_during_rollback()
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilWeightAsync(25);
        Traffic.Fail("v2", 0.5);
        await UntilStateAsync("RollingBack");
        await KillAndStartAsync();

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(rolledBack.Text("status.failedRevision"), Is.EqualTo(revision));
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("errorRate"));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
    }

    [Test]
    public async Task Breach_while_no_controller_runs_is_found_by_the_next_one()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilWeightAsync(25);
        await Controller.KillAsync();
        Traffic.Fail("v2", 0.5);
        await Controller.StartAgainAsync(Cancellation);

        await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
    }

    [Test]
    public async Task Killed_again_and_again()
    {
        await DeployAsync(Version("v1"));
        await ApplyAsync(Version("v2").Yaml());
        for (var life = 0; life < 6; life++)
            await KillAndStartAsync();
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
    }

    private Task<IReadOnlyList<int>> UntilWeightAsync(int weight) =>
        WaitFor.StateAsync(_ => Task.FromResult(Trace.Weights()), weights => weights.Contains(weight), TimeSpan.FromSeconds(90), $"{weight} %", Cancellation);

    private async Task KillAndStartAsync()
    {
        await Controller.KillAsync();
        await Controller.StartAgainAsync(Cancellation);
    }

    private async Task AssertPromotedAsync(string revision)
    {
        var healthy = await UntilAtRestAsync("Healthy");
        Assert.That(healthy.Text("status.stableRevision"), Is.EqualTo(revision));
        Assert.That(healthy.At("status.lastRollback"), Is.Null);
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
        Assert.That(Kubelet.Starts, Is.EqualTo(4), "no pod is started twice");
    }
}
