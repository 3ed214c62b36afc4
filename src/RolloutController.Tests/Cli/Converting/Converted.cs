using System.CommandLine;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Cli.Converting;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Linting;
using RolloutController.Rehearsal.Manifests;

namespace RolloutController.Tests.Cli.Converting;

/// <summary>What <c>convert</c> made of manifests.</summary>
/// <param name="Run">What it printed.</param>
internal sealed record Converted(CommandRun Run)
{
    /// <summary>What gives shop its traffic.</summary>
    public const string ServiceAndRoute = """
        apiVersion: v1
        kind: Service
        metadata: {name: shop}
        spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec: {parentRefs: [{name: gateway}], rules: [{backendRefs: [{name: shop, port: 80}]}]}
        """;

    private const string Place = "standard input";

    /// <summary>What is to be looked at, without the notes that every conversion has.</summary>
    public IReadOnlyList<string> Notes => [.. Run.Output.Split('\n').Where(line => line.StartsWith("# - ", StringComparison.Ordinal)).Select(line => line[4..])];

    /// <summary>The spec of the one Rollout.</summary>
    public JsonObject Spec => YamlReader.Read(Run.Output).Single()!["spec"]!.AsObject();

    /// <summary>Converts manifests.</summary>
    public static Converted Of(params string[] documents)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var folder = new Kubernetes.TemporaryFolder();
        var file = folder.Write("given.yaml", string.Join("\n---\n", documents));
        var code = ConvertCommand.Create().Parse(["-f", file]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return new(new CommandRun(code, output.ToString().Replace(file, Place, StringComparison.Ordinal), error.ToString().Replace(file, Place, StringComparison.Ordinal)));
    }

    /// <summary>Fails where the controller could not carry it out.</summary>
    public void AssertCanBeCarriedOut(params string[] beside)
    {
        var manifests = ManifestReader.Read(["-"], new StringReader(string.Join("\n---\n", [Run.Output, .. beside])));
        Assert.That(Linter.Lint(manifests).Where(finding => !finding.IsWarning).Select(finding => $"{finding}"), Is.Empty, Run.Output);
    }
}
