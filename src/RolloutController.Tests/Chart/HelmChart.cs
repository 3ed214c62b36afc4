using System.Diagnostics;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Chart;

/// <summary>The chart, rendered as Helm would. The renderer is beside checkouts with the shared folder; without it the test is skipped.</summary>
internal static class HelmChart
{
    /// <summary>The chart's folder, from the root of the repository.</summary>
    public const string Folder = "charts/rollout-controller";

    /// <summary>What tests call the release, unless they need a name of their own.</summary>
    public const string Release = "shop-release";

    private static string Renderer => RepositoryFiles.PathOf("../shared/chart/render");

    /// <summary>Skips the test where nothing can render a chart.</summary>
    public static void RequireRenderer()
    {
        if (!File.Exists(Renderer))
            Assert.Ignore("The shared folder's chart/render is not beside this checkout, and nothing else here renders a chart.");
    }

    /// <summary>Everything that Helm would apply.</summary>
    /// <param name="values">Values, as YAML.</param>
    public static IReadOnlyList<JsonObject> Render(string values, string release = Release, string @namespace = "rollouts") =>
        Yaml.ParseAll(RenderText(values, release, @namespace));

    /// <summary>The same as YAML, comments included.</summary>
    public static string RenderText(string values, string release = Release, string @namespace = "rollouts", params string[] more)
    {
        var (code, output, error) = RenderAny(values, ["--name", release, "--namespace", @namespace, .. more]);
        Assert.That(code, Is.Zero, error);
        return output;
    }

    /// <summary>What Helm would say of values that it refuses.</summary>
    public static string Refusal(string values)
    {
        var (code, _, error) = RenderAny(values, []);
        Assert.That(code, Is.EqualTo(1), "the values were taken");
        return error;
    }

    private static (int Code, string Output, string Error) RenderAny(string values, string[] arguments)
    {
        RequireRenderer();
        using var folder = new TemporaryFolder();
        return Run(Renderer, [.. arguments, "--values", folder.Write("values.yaml", values), RepositoryFiles.PathOf(Folder)]);
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int Code, string Output, string Error) Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
