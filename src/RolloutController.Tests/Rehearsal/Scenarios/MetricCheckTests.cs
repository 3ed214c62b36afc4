using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>Checks of metrics, played through with the unchanged controller.</summary>
internal sealed class MetricCheckTests
{
    private const string Memory = "container_memory_working_set_bytes";

    private static readonly string Shop = Rehearsals.Shop($$"""
        analysis:
          checks:
            - name: slow
              latency: {slowerThan: 500ms, max: 5%}
            - name: memory
              metric:
                selector: {{Memory}}{pod=~"$pods",container="shop"}
                per: kube_pod_container_resource_limits{pod=~"$pods",container="shop"}
              warning: {above: 75}
              critical: {above: 85}
              for: 1m
            - name: queue
              query: {expression: 'sum(shop_queue_length{pod=~"$pods"})'}
              critical: {above: 1000}
              maxIncrease: 100%
        """);

    [Test]
    public void A_slow_version_is_taken_back_by_its_latency()
    {
        var rollback = Rehearse(NamedScenarios.Find("slow")!).Rollback;

        Assert.That(rollback, Is.EqualTo(("slow", "LatencyBreached")));
    }

    [Test]
    public void Memory_that_stays_critical_for_a_minute_takes_a_version_back()
    {
        var (result, rollback, _) = Rehearse(Measured(Memory, time => time < TimeSpan.FromMinutes(2) ? 50 : 90));

        Assert.That((result.Outcome, rollback), Is.EqualTo((Outcome.RolledBack, ("memory", "LimitExceeded"))));
        Assert.That(result.Duration, Is.GreaterThan(TimeSpan.FromMinutes(3)), "not at the first look");
        Assert.That(result.Told(TimelineKind.RolledBack).Single(), Does.Contain($"{Memory} is 90 % of kube_pod_container_resource_limits"));
    }

    [Test]
    public void Memory_at_the_warning_level_holds_and_is_told_once()
    {
        var (result, _, events) = Rehearse(Measured(Memory, time => time < TimeSpan.FromMinutes(5) ? 80 : 50));

        Assert.That(result.Outcome, Is.EqualTo(Outcome.Promoted));
        Assert.That(result.Duration, Is.GreaterThan(TimeSpan.FromMinutes(8)), "the first step was held");
        Assert.That(events, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void What_an_expression_yields_is_held_beside_the_stable_version() =>
        Assert.That(Rehearse(Measured("queue", _ => 1000)).Rollback, Is.Null, "twice as much as the usual 500");

    [Test]
    public void What_an_expression_yields_takes_a_version_back_beside_the_stable_version()
    {
        var (result, rollback, _) = Rehearse(Measured("queue", _ => 1001) with { Stable = new() { Gauges = Of("queue", _ => 400) } });

        Assert.That((result.Outcome, rollback?.Check), Is.EqualTo((Outcome.RolledBack, "queue")));
    }

    private static Scenario Measured(string metric, Func<TimeSpan, double> value) =>
        new() { Name = "measured", Description = "a version with a gauge of its own", Canary = new() { Gauges = Of(metric, value) } };

    private static Dictionary<string, Func<TimeSpan, double>> Of(string metric, Func<TimeSpan, double> value) => new() { [metric] = value };

    private static (RehearsalResult Result, (string Check, string Reason)? Rollback, IReadOnlyList<int> Warnings) Rehearse(Scenario scenario)
    {
        (string, string)? rollback = null;
        IReadOnlyList<int> warnings = [];
        var result = RehearsalRun.Rehearse(Rehearsals.Input(Shop), scenario, new RehearsalSettings(), Look);
        return (result, rollback, warnings);

        void Look(EmbeddedCluster cluster)
        {
            var last = cluster.List("rollouts").Single().Json["status"]!["lastRollback"];
            rollback = last is null ? null : ((string)last["check"]!, (string)last["reason"]!);
            warnings = [.. cluster.List("events").Where(one => (string?)one.Json["reason"] == "CheckWarning").Select(one => (int?)one.Json["deprecatedCount"] ?? (int?)one.Json["count"] ?? 1)];
        }
    }
}
