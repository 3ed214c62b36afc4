using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>What a person writes into the Rollout while a version is on its way.</summary>
internal sealed class OperationTests : RolloutScenario
{
    [Test]
    public async Task Step_with_pause_waits_until_it_is_promoted()
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { PauseAt = [25] });
        var waiting = await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused", "the pause");
        Assert.That(waiting.Number("status.weight"), Is.EqualTo(25));
        Assert.That(waiting.Text("status.message"), Does.Contain("verb: Promote").And.Contain(revision));

        var refused = await OperateAsync("Promote", "another", "go-1");
        Assert.That(refused.Text("status.operation.outcome"), Is.EqualTo("Refused"));
        var promoted = await OperateAsync("Promote", revision, "go-2");
        Assert.That(promoted.Text("status.operation.outcome"), Is.EqualTo("Done"));
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
    }

    [Test]
    public async Task Operation_that_stays_in_the_spec_is_done_once()
    {
        await DeployAsync(Version("v1"));
        var second = await ShipAsync(Version("v2") with { PauseAt = [5, 25] });
        await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused", "the pause at 5 %");
        await OperateAsync("Promote", second, "once");

        var waiting = await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused" && IsJudged(rollout, 25), "the pause at 25 %");
        Assert.That(waiting.Text("spec.operation.id"), Is.EqualTo("once"));
        await OperateAsync("Abort", second, "abort");
        await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
    }

    [Test]
    public async Task Paused_Rollout_goes_nowhere_but_back()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2"));
        await UntilJudgedAsync(5);
        await ChangeAsync("{spec: {paused: true}}");
        var frozen = await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused" && rollout.Number("status.evidence.requests") > 300, "evidence beyond what the step asks for");
        Assert.That(frozen.Text("status.message"), Does.StartWith("frozen "));
        var weights = Trace.Weights();
        Traffic.Fail("v2", 0.2);

        await UntilAtRestAsync("RolledBack");
        Assert.That(Trace.Weights(), Is.EqualTo([.. weights, 0]));
        await UntilEventAsync("RolledBack");
    }

    [Test]
    public async Task Paused_Rollout_goes_on_when_it_is_let_go()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { Hold = "2s" });
        await UntilJudgedAsync(25);
        await ChangeAsync("{spec: {paused: true}}");
        await UntilRolloutAsync(rollout => rollout.Text("status.phase") == "Paused" && rollout.Number("status.evidence.requests") > 1000, "evidence beyond what the step asks for");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25]));
        await ChangeAsync("{spec: {paused: false}}");
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
    }

    [Test]
    public async Task Template_that_arrives_while_paused_waits_at_rest()
    {
        var first = await DeployAsync(Version("v1"));
        await ChangeAsync("{spec: {paused: true}}");
        await ApplyAsync(Version("v2").Yaml());
        var waiting = await UntilAtRestAsync("Paused");
        Assert.That(waiting.Text("status.stableRevision"), Is.EqualTo(first.Text("status.stableRevision")));
        await ChangeAsync("{spec: {paused: false}}");
        await UntilStateAsync("Progressing");
        await UntilAtRestAsync("Healthy");
    }

    [Test]
    public async Task Abort_rolls_back_and_names_who_asked()
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { Hold = "60s" });
        await UntilJudgedAsync(5);
        await OperateAsync("Abort", revision, "ticket-17");

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("operation"));
        Assert.That(rolledBack.Text("status.lastRollback.reason"), Is.EqualTo("Aborted"));
        Assert.That(rolledBack.Text("status.lastRollback.message"), Does.Contain("ticket-17"));
        Assert.That(rolledBack.Text("status.failedRevision"), Is.EqualTo(revision));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 0]));
        await UntilEventAsync("RolledBack");
    }
}
