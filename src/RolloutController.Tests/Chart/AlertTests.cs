using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Hosting.Metrics;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Chart;

/// <summary>The alerts: Prometheus' own tool reads them, they ask for what the controller exposes, and each fires when it should and not before.</summary>
internal sealed partial class AlertTests
{
    // Of the target, as a ServiceMonitor and a PodMonitor attach them.
    private static readonly string[] TargetLabels = ["namespace", "pod"];

    private static readonly Lazy<JsonObject> Rules = new(() =>
        HelmChart.Render("{prometheusRule: {enabled: true}}", "rollout-controller", "rollout-system").Single(item => item.Text("kind") == "PrometheusRule"));

    private static IReadOnlyList<JsonNode> Alerts => [.. Rules.Value.Each("spec.groups.0.rules")];

    [Test]
    public void Prometheus_takes_the_rules_and_each_alert_fires_when_it_should()
    {
        HelmChart.RequireRenderer();
        if (ChildProcess.Find("promtool") is not { } promtool)
        {
            Assert.Ignore("promtool is not on PATH: apt-get install prometheus brings it.");
            return;
        }
        using var folder = new TemporaryFolder();
        var rules = folder.Write("rules.yaml", Rules.Value["spec"]!.ToJsonString());
        var check = HelmChart.Run(promtool, ["check", "rules", rules]);
        Assert.That((check.Code, check.Output), Is.EqualTo((0, check.Output)), check.Error);
        Assert.That(check.Output, Does.Contain($"SUCCESS: {Alerts.Count} rules found"));
        // What is expected of an alert would have to repeat its texts.
        var untold = Rules.Value["spec"]!.DeepClone();
        foreach (var alert in untold.Each("groups.0.rules"))
            ((JsonObject)alert).Remove("annotations");
        folder.Write("rules.yaml", untold.ToJsonString());
        var tests = folder.Write("tests.yaml", File.ReadAllText(RepositoryFiles.PathOf("src/RolloutController.Tests/Chart/alerts.yaml")));
        var test = HelmChart.Run(promtool, ["test", "rules", tests]);
        Assert.That(test.Code, Is.Zero, test.Output + test.Error);
    }

    [Test]
    public void Every_alert_is_tested_and_says_how_bad_it_is_and_what_to_do()
    {
        HelmChart.RequireRenderer();
        var tested = YamlFile.Documents("src/RolloutController.Tests/Chart/alerts.yaml").Single().Each("tests").SelectMany(test => test.Each("alert_rule_test"))
            .Where(test => test.Each("exp_alerts").Any()).Select(test => test.Text("alertname"));
        Assert.That(tested.Distinct(), Is.EquivalentTo(Alerts.Select(alert => alert.Text("alert"))));
        foreach (var alert in Alerts)
        {
            Assert.That(alert.Text("labels.severity"), Is.AnyOf("critical", "warning"));
            Assert.That(alert.Text("annotations.summary"), Is.Not.Empty);
            Assert.That(alert.Text("annotations.description"), Is.Not.Empty);
        }
    }

    [Test]
    public void Every_series_and_label_is_one_that_the_controller_exposes()
    {
        HelmChart.RequireRenderer();
        var known = MetricTable.All.ToDictionary(metric => metric.Definition.Name, metric => metric.Definition);
        foreach (var alert in Alerts)
        {
            var series = Series().Matches(alert.Text("expr")!);
            Assert.That(series, Is.Not.Empty, alert.Text("alert"));
            foreach (Match match in series)
            {
                Assert.That(known.Keys, Does.Contain(match.Groups["name"].Value), alert.Text("alert"));
                var labels = match.Groups["labels"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(label => label.Split('=')[0]);
                Assert.That(labels, Is.SubsetOf(known[match.Groups["name"].Value].Labels.Concat(TargetLabels)), alert.Text("alert"));
            }
        }
    }

    [Test]
    public void The_readme_lists_them()
    {
        HelmChart.RequireRenderer();
        var rows = File.ReadLines(RepositoryFiles.PathOf($"{HelmChart.Folder}/README.md")).Where(line => line.StartsWith("| `Rollout", StringComparison.Ordinal)).Select(line => string.Join(' ', line.Split('|', StringSplitOptions.TrimEntries)[1..3]));
        Assert.That(rows, Is.EqualTo(Alerts.Select(alert => $"`{alert.Text("alert")}` {alert.Text("labels.severity")}")));
    }

    [Test]
    public void Alerts_can_be_left_out()
    {
        var left = HelmChart.Render("{prometheusRule: {enabled: true, disabled: [RolloutRolledBack], notProgressingAfter: 6h}}").Single(item => item.Text("kind") == "PrometheusRule").Each("spec.groups.0.rules").ToList();
        Assert.That(left.Select(alert => alert.Text("alert")).ToList(), Has.Count.EqualTo(Alerts.Count - 1).And.None.EqualTo("RolloutRolledBack"));
        var known = JsonNode.Parse(File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/values.schema.json"))).Each("properties.prometheusRule.properties.disabled.items.enum");
        Assert.That(known.Select(name => name.ToString()), Is.EqualTo(Alerts.Select(alert => alert.Text("alert"))));
        Assert.That(left.Single(alert => alert.Text("alert") == "RolloutNotProgressing").Text("for"), Is.EqualTo("6h"));
    }

    /// <summary>A series is what has labels in braces or a range behind it; the functions have parentheses.</summary>
    [GeneratedRegex(@"(?<name>[a-z][a-z_]+)(\{(?<labels>[^}]*)\}|\[)")]
    private static partial Regex Series();
}
