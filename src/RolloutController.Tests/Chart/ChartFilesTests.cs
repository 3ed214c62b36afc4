using NUnit.Framework;
using RolloutController.Hosting;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Chart;

/// <summary>What is made of something else is up to date.</summary>
internal sealed class ChartFilesTests
{
    private const string Begin = "<!-- values: made of values.yaml -->\n\n";
    private const string End = "\n\n<!-- end of values -->";

    [Test]
    public void Readme_lists_the_values_as_they_are()
    {
        var path = RepositoryFiles.PathOf($"{HelmChart.Folder}/README.md");
        var text = File.ReadAllText(path);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = ValuesTable.Of(File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/values.yaml")));
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_UPDATE") is { Length: > 0 })
            File.WriteAllText(path, text[..begin] + table + text[end..]);
        else
            Assert.That(text[begin..end], Is.EqualTo(table), "README.md of the chart is stale: ROLLOUT_TEST_UPDATE=1 dotnet test --filter Readme_lists_the_values_as_they_are");
    }

    [Test]
    public void Every_value_is_described()
    {
        var described = ValuesTable.Of(File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/values.yaml")));
        foreach (var (name, value) in Yaml.Parse(File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/values.yaml"))))
        {
            var fields = value is System.Text.Json.Nodes.JsonObject { Count: > 0 } below && !described.Contains($"| `{name}` | see", StringComparison.Ordinal) ? below.Select(field => $"{name}.{field.Key}") : [name];
            foreach (var field in fields)
                Assert.That(described, Does.Contain($"| `{field}` |").Or.Contain($"| `{field}."), field);
        }
    }

    [Test]
    public void The_charts_copy_of_the_CRD_is_a_copy() => Assert.That(
        File.ReadAllText(RepositoryFiles.PathOf($"{HelmChart.Folder}/files/rollouts.yaml")), Is.EqualTo(File.ReadAllText(RepositoryFiles.PathOf("crds/rollouts.yaml"))),
        "cp crds/rollouts.yaml charts/rollout-controller/files/");

    [Test]
    public void The_chart_has_the_version_of_the_controller()
    {
        var chart = YamlFile.Documents($"{HelmChart.Folder}/Chart.yaml").Single();
        Assert.That((chart.Text("version"), chart.Text("appVersion")), Is.EqualTo((BuildVersion.Version, BuildVersion.Version)));
    }

    [Test]
    public void The_manifests_for_kubectl_are_those_of_the_chart()
    {
        HelmChart.RequireRenderer();
        using var folder = new TemporaryFolder();
        var (code, _, error) = HelmChart.Run("bash", [RepositoryFiles.PathOf(".ci/render-deploy"), folder.Path]);
        Assert.That(code, Is.Zero, error);
        Assert.That(In(RepositoryFiles.PathOf("deploy")), Is.EquivalentTo(In(folder.Path)));
        foreach (var file in In(folder.Path))
            Assert.That(File.ReadAllText(RepositoryFiles.PathOf($"deploy/{file}")), Is.EqualTo(File.ReadAllText(Path.Combine(folder.Path, file))), $"deploy/{file} is not what the chart renders: .ci/render-deploy");

        static IEnumerable<string> In(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file));
    }
}
