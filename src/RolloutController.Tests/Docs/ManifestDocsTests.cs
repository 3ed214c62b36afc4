using System.CommandLine;
using NUnit.Framework;
using RolloutController.Cli.Converting;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Linting;
using RolloutController.Rehearsal.Manifests;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Docs;

/// <summary>
/// Every block of YAML in the documentation says what it is, and is that: whole manifests (<c>yaml</c>), a part of a Rollout (<c>yaml fragment</c>), what
/// <c>convert</c> makes of the block before (<c>yaml converted</c>), a scenario (<c>yaml scenario</c>), or anything else that is YAML (<c>yaml other</c>).
/// </summary>
internal sealed class ManifestDocsTests
{
    private static IEnumerable<FencedBlock> Blocks(string info) => Markdown.All.SelectMany(page => page.Blocks()).Where(block => block.Info == info);

    private static IEnumerable<FencedBlock> Manifests() => Blocks("yaml");

    private static IEnumerable<FencedBlock> Fragments() => Blocks("yaml fragment");

    private static IEnumerable<FencedBlock> Others() => Blocks("yaml other");

    private static IEnumerable<FencedBlock> Scenarios() => Blocks("yaml scenario");

    private static IEnumerable<TestCaseData> Conversions() => Markdown.All.Select(page => page.Blocks().ToList())
        .SelectMany(blocks => blocks.Zip(blocks.Skip(1))).Where(pair => pair.Second.Info == "yaml converted").Select(pair => new TestCaseData(pair.First, pair.Second));

    [Test]
    public void Blocks_of_yaml_say_what_they_are()
    {
        string[] known = ["yaml", "yaml fragment", "yaml converted", "yaml scenario", "yaml other"];
        Assert.That(Markdown.All.SelectMany(page => page.Blocks()).Where(block => block.Info.StartsWith("yaml", StringComparison.Ordinal) && !known.Contains(block.Info)).Select(block => $"{block}: {block.Info}"), Is.Empty);
    }

    [TestCaseSource(nameof(Manifests))]
    public void Manifests_are_without_mistakes(FencedBlock block)
    {
        var manifests = DocsManifest.Read(block);
        var rollouts = manifests.Any(DocsManifest.IsForeign) ? Converted(manifests) : manifests;
        if (rollouts.Any(manifest => manifest.IsRollout))
            Assert.That(Mistakes(rollouts), Is.Empty);
    }

    [TestCaseSource(nameof(Fragments))]
    public void Fragments_are_without_mistakes(FencedBlock block) => Assert.That(Mistakes([DocsManifest.Complete(block)]), Is.Empty);

    [TestCaseSource(nameof(Others))]
    public void Other_blocks_are_yaml(FencedBlock block) => Assert.That(YamlReader.Read(block.Text), Is.Not.Empty);

    [TestCaseSource(nameof(Scenarios))]
    public void Scenarios_can_be_played(FencedBlock block)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, block.Text);
            Assert.That(ScenarioFile.Read(file).Name, Is.Not.Empty);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCaseSource(nameof(Conversions))]
    public void Conversions_are_what_convert_prints(FencedBlock from, FencedBlock to)
    {
        const string Name = "before.yaml";
        var folder = Directory.CreateTempSubdirectory("docs").FullName;
        try
        {
            var file = Path.Combine(folder, Name);
            File.WriteAllText(file, from.Text);
            using var output = new StringWriter { NewLine = "\n" };
            ConvertCommand.Create().Parse(["-f", file]).Invoke(new InvocationConfiguration { Output = output });
            Assert.That(to.Text + "\n", Is.EqualTo(output.ToString().Replace(file, Name, StringComparison.Ordinal)), $"{to}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IReadOnlyList<Manifest> Converted(IReadOnlyList<Manifest> manifests) =>
        [.. Converter.Convert(manifests).Select(conversion => new Manifest(conversion.Source.Where, conversion.Rollout)), .. manifests.Where(manifest => !DocsManifest.IsForeign(manifest))];

    private static IEnumerable<string> Mistakes(IReadOnlyList<Manifest> manifests) =>
        Linter.Lint(DocsManifest.WithShop(manifests)).Where(finding => !finding.IsWarning).Select(finding => $"{finding}");
}
