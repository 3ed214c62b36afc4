using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>Metrics that say nothing about the version hold it where it is, each kind of silence with its own words.</summary>
internal sealed class UnknownMetricsTests : RolloutScenario
{
    /// <summary>Counts are stale after a minute at the earliest.</summary>
    protected override TimeSpan Limit => TimeSpan.FromMinutes(5);

    [Test]
    public async Task Selector_that_matches_nothing_never_promotes()
    {
        const string analysis = """
              analysis:
                interval: 1s
                errorRate: {max: 1%, requests: 'no_such_metric{pod=~"$pods"}', errors: 'no_such_metric{pod=~"$pods",code=~"5.."}'}
            """;
        await DeployAsync(Version("v1"));
        var revision = await ShipAsync(Version("v2") with { MaxErrorRate = null, More = analysis });

        var held = await UntilReasonAsync("NoData", "no request of this version");
        Assert.That(held.Text("status.message"), Does.Contain("no_such_metric"));
        await UntilLookedAtAfterHoldAsync("NoData");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5]));
        await OperateAsync("Abort", revision, "give-up");
        await UntilAtRestAsync("RolledBack");
    }

    [Faults.FaultRow(36, "no request for the canary")]
    [Test]
    public async Task No_traffic_never_promotes()
    {
        await DeployAsync(Version("v1"));
        Traffic.RequestsPerSecond = 0;
        await ShipAsync(Version("v2"));
        await UntilReasonAsync("InsufficientData", "0 of 76 requests");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5]));

        Traffic.RequestsPerSecond = 2000;
        await UntilAtRestAsync("Healthy");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
    }

    [Faults.FaultRow(34, "metrics that lag")]
    [Test]
    public async Task Counts_that_are_too_old_never_promote()
    {
        var (metrics, _) = await ClusterSession.SharedAsync(Cancellation);
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2") with { Weights = [50, 100], Hold = "85s" });
        await UntilRolloutAsync(rollout => rollout.Number("status.evidence.requests") > 1000, "enough requests for a judgement");

        // Counts are stale after a minute; without that, the good ones of before would let the version pass at the end of the hold.
        metrics.Remove(Traffic);
        await UntilReasonAsync("Stale", "is the version still scraped?");
        await UntilLookedAtAfterHoldAsync("Stale");
        Assert.That(Trace.Weights(), Is.EqualTo([0, 50]));

        metrics.Add(Traffic);
        await ApplyAsync((Version("v2") with { Weights = [50, 100], Hold = "1s" }).Yaml());
        await UntilAtRestAsync("Healthy");
    }

    private Task<JsonObject> UntilLookedAtAfterHoldAsync(string dataClass) => UntilRolloutAsync(
        rollout => rollout.Text("status.evidence.class") == dataClass
            && DateTimeOffset.Parse(rollout.Text("status.evidence.sampledAt")!, null) > HoldsUntil(rollout),
        "a look after the hold");

    private static DateTimeOffset HoldsUntil(JsonObject rollout)
    {
        var hold = rollout.Text("spec.steps.0.hold")!;
        return DateTimeOffset.Parse(rollout.Text("status.state.since")!, null) + TimeSpan.FromSeconds(double.Parse(hold[..^1], null) + 1);
    }
}
