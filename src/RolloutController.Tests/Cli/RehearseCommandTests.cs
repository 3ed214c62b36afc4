using System.Diagnostics;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Cli;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Cli;

[CancelAfter(120_000)]
internal sealed class RehearseCommandTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("rehearse").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [TestCase("good", 0, "Promoted after ")]
    [TestCase("errors-at-5", 3, "Rolled back after ")]
    [TestCase("stuck", 4, "Stuck: 5 %: too few requests to judge")]
    public async Task Exit_code_tells_the_outcome(string scenario, int code, string ending)
    {
        var rehearsed = await Rehearse.RunAsync(scenario == "stuck"
            ? ["-f", Rehearse.Example("shop"), "--rps", "0.1"]
            : ["-f", Rehearse.Example("shop"), "--scenario", scenario]);

        Assert.That(rehearsed.Code, Is.EqualTo(code));
        Assert.That(rehearsed.Output, Does.Contain($"\n{ending}"));
    }

    [Test]
    public async Task Rollout_that_cannot_be_carried_out_ends_with_2()
    {
        var rehearsed = await Rehearse.RunAsync("-f", Changed("service: shop", "service: other"));

        Assert.That(rehearsed.Code, Is.EqualTo(2));
        Assert.That(rehearsed.Output, Does.Contain("Invalid: spec.traffic.service: there is no Service other in namespace default").And.Not.Contain("0 of 0 requests"));
    }

    [TestCase("good", "promoted", 0)]
    [TestCase("errors-at-5", "rolled-back", 0)]
    [TestCase("errors-at-5", "promoted", 1)]
    [TestCase("all", "promoted", 1)]
    public async Task Expectation_decides_the_exit_code(string scenario, string expected, int code) =>
        Assert.That((await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", scenario, "--expect", expected)).Code, Is.EqualTo(code));

    [TestCase("1000", 3)]
    [TestCase("0", 1)]
    public async Task Failed_requests_may_be_limited(string most, int code) =>
        Assert.That((await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", "errors-at-5", "--max-failed", most)).Code, Is.EqualTo(code));

    [Test]
    public async Task All_scenarios_are_summed_up_and_what_is_unexpected_ends_with_1()
    {
        var asExpected = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", "all");
        Assert.That(asExpected.Code, Is.Zero);
        Assert.That(asExpected.Output.Split("\n\n")[^1].TrimEnd().Split('\n').Select(line => line.Split(' ')[0]), Is.EqualTo(new[]
        {
            "good", "errors-at-5", "errors-at-50", "slow", "never-ready", "crash-loop", "prometheus-down", "flaky-5-percent", "stable-broken", "superseded",
        }));

        var unjudged = await Rehearse.RunAsync("-f", Rehearse.Example("shop-pods-only"), "--scenario", "all");
        Assert.That(unjudged.Code, Is.EqualTo(1));
        Assert.That(unjudged.Output, Does.Match(@"errors-at-5 +promoted +[0-9:]+ +[0-9,]+ failed  expected: rolled-back"));
    }

    [Test]
    public async Task Same_seed_gives_the_same_bytes_and_another_does_not()
    {
        var reports = new List<string>();
        foreach (var (seed, name) in new[] { ("7", "a"), ("7", "b"), ("8", "c") })
        {
            var text = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", "errors-at-50", "--seed", seed, "-v", "--report", Path.Combine(_folder, name));
            var json = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scenario", "errors-at-50", "--seed", seed, "-o", "json");
            reports.AddRange([text.Output, json.Output, await File.ReadAllTextAsync(Path.Combine(_folder, name))]);
        }

        Assert.That(reports[3..6], Is.EqualTo(reports[..3]));
        foreach (var form in Enumerable.Range(0, 3))
            Assert.That(reports[6 + form].Replace("seed 8", "seed 7", StringComparison.Ordinal).Replace("\"seed\": 8", "\"seed\": 7", StringComparison.Ordinal), Is.Not.EqualTo(reports[form]));
    }

    [Test]
    public async Task Pods_and_requests_may_be_others_than_those_that_are_written()
    {
        var rehearsed = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--replicas", "3", "--rps", "250", "-o", "json");

        var result = JsonNode.Parse(rehearsed.Output)![0]!;
        Assert.That((string?)result["message"], Does.EndWith("; 3 pods available"));
        Assert.That((int?)result["settings"]!["replicas"], Is.EqualTo(3));
        var seconds = GatewayDuration.Parse((string)result["duration"]!).TotalSeconds;
        Assert.That((double?)result["requests"]!["total"], Is.EqualTo(250 * seconds).Within(250));
    }

    [Test]
    public async Task Durations_in_JSON_are_as_in_the_API()
    {
        var result = JsonNode.Parse((await Rehearse.RunAsync("-f", Rehearse.Example("shop"), "--scrape-interval", "10s", "-o", "json")).Output)![0]!;

        Assert.That((string?)result["settings"]!["scrapeInterval"], Is.EqualTo("10s"));
        Assert.That((string?)result["requests"]!["slowestHundredth"], Is.EqualTo("150ms"));
        Assert.That((string?)result["course"]![13]!["at"], Does.Match("^1m[0-9]+s$"));
        Assert.That((string?)result["outcome"], Is.EqualTo("Promoted"));
    }

    [Test]
    public async Task Several_files_and_folders_are_one_input_and_their_Rollouts_are_told_apart()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "below"));
        File.Copy(Rehearse.Example("shop"), Path.Combine(_folder, "below", "shop.yml"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "no manifest");
        var cart = Changed("shop", "cart");

        var rehearsed = await Rehearse.RunAsync("-f", _folder, "-f", cart);

        Assert.That(rehearsed.Code, Is.Zero, rehearsed.Error);
        Assert.That(rehearsed.Output, Does.Match(@"\ndefault/shop  good  promoted .*\ndefault/cart  good  promoted "));
    }

    [Test]
    public async Task Standard_input_is_read_for_a_dash(CancellationToken cancellationToken)
    {
        var start = Executable.Start("rehearse", "-f", "-", "--scenario", "flaky-5-percent");
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(await File.ReadAllTextAsync(Rehearse.Example("shop"), cancellationToken));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);

        Assert.That(process.ExitCode, Is.EqualTo(3));
        Assert.That(output, Does.Contain("is rolled back: at 5 %: error rate"));
    }

    [TestCase("replicas: 10", "replicas: ten", "spec.replicas: Invalid value: \"string\": ")]
    [TestCase("replicas: 10", "repliacs: 10", "unknown field \"spec.repliacs\"")]
    [TestCase("  analysis:", "  steps: [{wieght: 5}, {weight: 100}]\n  analysis:", "spec.steps[0].weight: Required value")]
    [TestCase("  analysis:", "  steps: [{weight: 5, wieght: 7}, {weight: 100}]\n  analysis:", "unknown field \"spec.steps[0].wieght\"")]
    [TestCase("  analysis:", "  steps: [{weight: 5}]\n  analysis:", "spec.steps: Invalid value: write {weight: 100} as the last step")]
    [TestCase("rollouts.dev/v1alpha1", "rollouts.dev/v2", "apiVersion: there is no Rollout of rollouts.dev/v2; write rollouts.dev/v1alpha1")]
    public async Task What_is_wrong_is_said_with_file_document_and_field(string what, string with, string message)
    {
        var file = Changed(what, with);
        var rehearsed = await Rehearse.RunAsync("-f", file);

        Assert.That(rehearsed.Code, Is.EqualTo(2));
        Assert.That(rehearsed.Error, Does.StartWith($"{file}, document 1: ").And.Contain(message));
        Assert.That(rehearsed.Output, Is.Empty);
    }

    [Test]
    public async Task Object_beside_the_Rollout_that_is_wrong_is_said_as_well()
    {
        var file = Changed("port: 80, targetPort", "port: 800000, targetPort");

        Assert.That((await Rehearse.RunAsync("-f", file)).Error, Does.StartWith($"{file}, document 2: spec.ports[0].port: Invalid value: 800000"));
    }

    [TestCase("--scenario", "sunny", "there is no scenario and no file \"sunny\"; there are good, errors-at-5, ")]
    [TestCase("--report", "/nowhere/report.html", "/nowhere/report.html")]
    public async Task What_cannot_be_used_ends_with_2(string option, string value, string message)
    {
        var rehearsed = await Rehearse.RunAsync("-f", Rehearse.Example("shop"), option, value);

        Assert.That(rehearsed.Code, Is.EqualTo(2));
        Assert.That(rehearsed.Error, Does.Contain(message));
    }

    [TestCase("--rps", "0")]
    [TestCase("--rps", "many")]
    [TestCase("--replicas", "0")]
    [TestCase("--replicas", "501")]
    [TestCase("--scrape-interval", "15")]
    [TestCase("--scrape-interval", "500ms")]
    [TestCase("--expect", "fine")]
    [TestCase("--output", "xml")]
    public async Task What_is_no_option_ends_with_2(string option, string value) =>
        Assert.That(await CommandLine.InvokeAsync(["rehearse", "-f", Rehearse.Example("shop"), option, value]), Is.EqualTo(2));

    [Test]
    public async Task Files_are_required() => Assert.That(await CommandLine.InvokeAsync(["rehearse"]), Is.EqualTo(2));

    /// <summary>The first example with something else in it.</summary>
    private string Changed(string what, string with)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.yaml.changed");
        File.WriteAllText(file, File.ReadAllText(Rehearse.Example("shop")).Replace(what, with, StringComparison.Ordinal));
        return file;
    }
}
