using System.CommandLine;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Cli;
using RolloutController.Tests.Kubernetes;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Tests.Secrecy;

/// <summary>What the commands print of manifests that hold secrets, right and wrong ones.</summary>
internal sealed class ReportTests
{
    private static readonly string Fields = """
        analysis:
          errorRate: {max: 1%}
          checks:
            - {name: health, http: {path: /health, headers: [{name: X-Key, secretKeyRef: {name: shop-db, key: password}}]}}
        rolloutOn: [template, config]
        """;

    private static readonly string Secret = $"\n---\n{{apiVersion: v1, kind: Secret, metadata: {{name: shop-db, namespace: default}}, stringData: {{password: {Canary.Of("database")}}}}}\n";

    [TestCase("good")]
    [TestCase("crash-loop")]
    [TestCase("errors-at-5")]
    public async Task A_rehearsal_prints_no_secret(string scenario)
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("shop.yaml", Rehearsals.Shop(Fields) + Secret);
        var report = Path.Combine(folder.Path, "report.html");
        foreach (var format in new[] { "text", "json" })
        {
            var printed = await Rehearse.RunAsync("-f", file, "--scenario", scenario, "--replicas", "3", "--verbose", "-o", format, "--report", report);
            Assert.That(printed.Output, Does.Contain("shop"), printed.Error);
            Canary.AssertNotIn(format, printed.Output + printed.Error);
        }

        Canary.AssertNotIn("The report", await File.ReadAllTextAsync(report));
    }

    [TestCase("name: PASSWORD", "name: 'PASS WORD'")]
    [TestCase("name: PASSWORD", "nome: PASSWORD")]
    [TestCase("replicas: 10", "replicas: ten")]
    [TestCase("stringData:", "data:")]
    [TestCase("image: \"shop:1\"", "image: [1]")]
    public void What_is_wrong_is_told_without_the_secrets_beside_it(string right, string wrong)
    {
        using var folder = new TemporaryFolder();
        var manifests = Rehearsals.Shop(Fields) + Secret;
        Assert.That(manifests, Does.Contain(right));
        var file = folder.Write("shop.yaml", manifests.Replace(right, wrong, StringComparison.Ordinal));
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = LintCommand.Create().Parse(["-f", file]).Invoke(new InvocationConfiguration { Output = output, Error = error });

        Assert.That(code, Is.EqualTo(2), output.ToString());
        Canary.AssertNotIn("What lint prints", $"{output}{error}");
    }
}
