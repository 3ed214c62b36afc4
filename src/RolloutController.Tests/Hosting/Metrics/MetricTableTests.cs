using NUnit.Framework;
using RolloutController.Hosting.Metrics;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Hosting.Metrics;

public class MetricTableTests
{
    private static IEnumerable<MetricDefinition> Definitions => MetricTable.All.Select(entry => entry.Definition);

    [Test]
    public async Task The_page_of_metrics_says_what_there_is()
    {
        var lines = await File.ReadAllLinesAsync(RepositoryFiles.PathOf("docs/metrics.md"));

        var written = lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal));

        Assert.That(written, Is.EquivalentTo(Definitions.Concat(ProcessMetrics.Definitions).Concat(MetricCollector.Definitions).Select(Row)), "the rows of docs/metrics.md");
    }

    [Test]
    public void Names_are_there_once() => Assert.That(Definitions.Select(definition => definition.Name), Is.Unique);

    [TestCaseSource(nameof(Definitions))]
    public void Every_metric_keeps_the_rules_of_both_formats(object entry)
    {
        var metric = (MetricDefinition)entry;
        Assert.That(metric.Name, Does.Match("^[a-z][a-z0-9_]*$"));
        Assert.That(metric.Name.EndsWith("_total", StringComparison.Ordinal), Is.EqualTo(metric.Type == MetricType.Counter));
        Assert.That(metric.Help, Does.EndWith("."));
        Assert.That(metric.Labels, Is.Unique.And.All.Match("^[a-z][a-z0-9_]*$").And.No.Member("le"));
        Assert.That(metric.Buckets, Is.Ordered.And.Unique);
        Assert.That(metric.Buckets.Length > 0, Is.EqualTo(metric.Type == MetricType.Histogram));
        if (metric.Unit is { } unit)
            Assert.That(metric.Family, Does.EndWith("_" + unit));
        else
            Assert.That(metric.Family, Does.Not.EndWith("_seconds").And.Not.EndWith("_bytes"));
    }

    private static string Row(MetricDefinition metric)
    {
        var labels = metric.Labels.Length == 0 ? "" : $" {string.Join(", ", metric.Labels.Select(label => $"`{label}`"))}";
        return $"| `{metric.Name}` | {metric.Type.ToString().ToLowerInvariant()} |{labels} | {metric.Help} |";
    }
}
