using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Hosting.Metrics;
using RolloutController.Tests.Cluster.Scenarios;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cluster.Running;

/// <summary>Every query of the dashboard and of docs/metrics.md, asked of a Prometheus that scrapes the controller while it works.</summary>
internal sealed partial class DashboardTests : RolloutScenario
{
    private static readonly string[] Units = ["", "_bucket", "_sum", "_count"];

    /// <inheritdoc/>
    protected override TimeSpan Limit => TimeSpan.FromMinutes(6);

    /// <inheritdoc/>
    protected override IReadOnlyList<int> Steps => [50, 100];

    [Test]
    public async Task Every_query_of_the_dashboard_has_an_answer()
    {
        await using var prometheus = await PrometheusProcess.StartAsync([Controller.Url.Authority], Cancellation);
        // An increase is one over an earlier scrape, and the first may come five seconds after Prometheus.
        await WaitFor.StateAsync(
            token => prometheus.QueryAsync("count(rollout_rollbacks_total)", token), answer => answer > 0, TimeSpan.FromSeconds(30), "the first scrape", Cancellation);
        await DeployAsync(Version("v1"));
        await ShipAsync(Version("v2"));
        await UntilAtRestAsync("Healthy");
        await ShipAsync(Version("v3", (PodAnnotations.FailPercent, "8")));
        await UntilAtRestAsync("RolledBack");
        await WaitFor.StateAsync(
            token => prometheus.QueryAsync("sum by (reason) (increase(rollout_rollbacks_total[10m])) > 0", token), answer => answer > 0, TimeSpan.FromSeconds(30), "the first rollback to count", Cancellation);
        var waiting = await ShipAsync(Version("v4") with { PauseAt = [50] });
        await UntilAsync(ClusterPath.Rollouts(Namespace, "shop"), rollout => rollout.Text("status.phase") == "Paused", "the step to wait for a person", 90);

        foreach (var query in await DashboardAsync())
        {
            await WaitFor.StateAsync(
                // What is no number is not equal to itself.
                token => prometheus.QueryAsync($"count(({query}) == ({query}))", token), answers => answers > 0, TimeSpan.FromSeconds(30), $"an answer to {query}", Cancellation);
        }

        foreach (var query in await DocumentedAsync())
            Assert.That(async () => await prometheus.QueryAsync(query, Cancellation), Throws.Nothing, query);

        await OperateAsync("Promote", waiting, "on");
        await UntilAtRestAsync("Healthy");
    }

    [Test]
    public async Task Queries_name_metrics_that_there_are()
    {
        var known = MetricTable.All.Select(entry => entry.Definition).Concat(ProcessMetrics.Definitions).Concat(MetricCollector.Definitions)
            .SelectMany(metric => metric.Type == MetricType.Histogram ? Units[1..].Select(unit => metric.Name + unit) : [metric.Name]).ToHashSet();

        foreach (var query in (await DashboardAsync()).Concat(await DocumentedAsync()))
        {
            var named = Metric().Matches(Text().Replace(query, "")).Select(match => match.Value).ToList();
            Assert.That(named, Is.Not.Empty.And.SubsetOf(known), query);
        }
    }

    /// <summary>The queries of the dashboard, with its variables filled in as Grafana does when all is chosen.</summary>
    private static async Task<IReadOnlyList<string>> DashboardAsync()
    {
        var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(RepositoryFiles.PathOf("charts/rollout-controller/dashboards/rollouts.json"), Cancelled))!;
        var panels = dashboard.Each("panels").Where(panel => panel.Text("type") != "row").ToList();
        Assert.That(panels.Select(panel => panel.Each("targets").Count()), Is.All.Positive);
        return [.. panels.SelectMany(panel => panel.Each("targets")).Select(target => target.Text("expr")!
            .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
            .Replace("$__range", "10m", StringComparison.Ordinal)
            .Replace("$namespace", ".*", StringComparison.Ordinal)
            .Replace("$rollout", ".*", StringComparison.Ordinal))];
    }

    private static async Task<IReadOnlyList<string>> DocumentedAsync() =>
        [.. Documented().Matches(await File.ReadAllTextAsync(RepositoryFiles.PathOf("docs/metrics.md"), Cancelled)).Select(match => match.Groups[1].Value.Trim())];

    private static CancellationToken Cancelled => TestContext.CurrentContext.CancellationToken;

    [GeneratedRegex("```promql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Documented();

    /// <summary>Whatever is no metric: texts, what is grouped by, and ranges.</summary>
    [GeneratedRegex("\"[^\"]*\"|\\b(by|on) \\([^)]*\\)|\\[[^]]*\\]|\\w+(?==)")]
    private static partial Regex Text();

    // Functions have a bracket behind them; a metric has at least two words.
    [GeneratedRegex("\\b[a-z]+(_[a-z]+)+\\b(?!\\s*\\()")]
    private static partial Regex Metric();
}
