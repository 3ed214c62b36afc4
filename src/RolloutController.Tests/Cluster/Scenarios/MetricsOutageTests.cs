using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>Prometheus goes away while a version is judged, and comes back. The test has a Prometheus of its own.</summary>
internal sealed class MetricsOutageTests : RolloutScenario
{
    private PrometheusProcess _prometheus = null!;

    [Test]
    public async Task Outage_holds_the_step_and_the_rollout_goes_on_afterwards()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { Hold = "3s" });
        var judged = await UntilJudgedAsync(25);
        await _prometheus.StopAsync(Cancellation);
        await UntilReasonAsync("ProviderError", "25 %: ");
        var holdsUntil = DateTimeOffset.Parse(judged.Text("status.state.since")!, null) + TimeSpan.FromSeconds(3);

        // Well past the hold, as the controller's own looks tell the time.
        await UntilRolloutAsync(
            rollout => rollout.Text("status.evidence.class") == "ProviderError" && DateTimeOffset.Parse(rollout.Text("status.evidence.sampledAt")!, null) > holdsUntil + TimeSpan.FromSeconds(1),
            "a look after the hold");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25]), "what is unknown does not promote");
        var evidence = (await UntilReasonAsync("ProviderError", "25 %: ")).Number("status.evidence.requests");

        await _prometheus.StartAgainAsync(Cancellation);
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
        var last = Trace.Rollouts.Versions("shop").Last(rollout => IsJudged(rollout, 25));
        Assert.That(last.Number("status.evidence.requests"), Is.GreaterThanOrEqualTo(evidence));
    }

    [Faults.FaultRow(34, "metrics that catch up")]
    [Test]
    public async Task Errors_of_an_outage_are_counted_afterwards()
    {
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilRolloutAsync(rollout => IsJudged(rollout, 25) && rollout.Text("status.phase") == "Paused", "a person to be waited for");
        await _prometheus.StopAsync(Cancellation);

        var before = Traffic.Of("v2").Requests;
        Traffic.Fail("v2", 0.2);
        await WaitFor.StateAsync(_ => Task.FromResult(Traffic.Of("v2").Requests), requests => requests > before + 3000, TimeSpan.FromSeconds(60), "requests that fail", Cancellation);
        Traffic.Fail("v2", 0);
        await _prometheus.StartAgainAsync(Cancellation);

        var rolledBack = await UntilAtRestAsync("RolledBack");
        Assert.That(rolledBack.Text("status.lastRollback.check"), Is.EqualTo("errorRate"));
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 0]));
    }

    [Faults.FaultRow(31, "no metrics, and pods that break")]
    [Test]
    public async Task Rollback_needs_no_Prometheus()
    {
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { PauseAt = [25] });
        await UntilJudgedAsync(25);
        await _prometheus.StopAsync(Cancellation);
        await OperateAsync("Abort", revision, "stop-it");
        await UntilAtRestAsync("RolledBack");
        await _prometheus.StartAgainAsync(Cancellation);
    }

    protected override async Task<PrometheusProcess> PrometheusAsync()
    {
        var (metrics, _) = await ClusterSession.SharedAsync(Cancellation);
        return _prometheus = Own(await PrometheusProcess.StartAsync([metrics.Address], Cancellation));
    }
}
