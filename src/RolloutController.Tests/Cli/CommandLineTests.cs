using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cli;

public class CommandLineTests
{
    [TestCase("run", "--bogus")]
    [TestCase("run", "--log-level", "loud")]
    [TestCase("run", "--log-format", "xml")]
    [TestCase("run", "--listen", "8080")]
    [TestCase("run", "--kubeconfig")]
    [TestCase("walk")]
    [TestCase()]
    public async Task What_is_no_command_line_ends_with_2(params string[] args) =>
        Assert.That(await CommandLine.InvokeAsync(args), Is.EqualTo(2));

    [TestCase("describe", "describe: ROLLOUT is missing. The Rollout, as shop or rollout/shop.")]
    [TestCase("describe --frob", "\"--frob\" is no option of describe.")]
    [TestCase("get --frob", "\"--frob\" is no option of get.")]
    [TestCase("get -o yml", "--output is \"yml\": write wide, json, yaml or name.")]
    [TestCase("get -n", "--namespace: NS is missing. The namespace. Without: that of the context.")]
    [TestCase("completion ksh", "SHELL is \"ksh\": write bash, zsh, fish or powershell.")]
    [TestCase("walk there", "\"walk\" is no command, argument or option here.", "\"there\" is no command, argument or option here.")]
    [TestCase("lint -f shop.yaml there", "\"there\" is no command, argument or option of lint.")]
    public void What_is_wrong_is_said_in_a_sentence(string line, params string[] expected) =>
        Assert.That(UsageErrors.Of(CommandLine.Create().Parse(line)), Is.EqualTo(expected));

    [Test]
    public async Task Help_asks_no_cluster()
    {
        await using var api = await TestApi.StartAsync(context => context.Json("""{"metadata":{},"items":[{"metadata":{"name":"shop"}}]}"""));
        using var folder = new TemporaryFolder();
        var run = await CommandRun.StartAsAsync(folder.Write("kubeconfig", ClusterTroubleTests.Kubeconfig(api, "store")), CancellationToken.None, "--help");
        Assert.That((run.Code, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("  get <ROLLOUT> ").And.Contain("  describe <ROLLOUT> "));
        Assert.That(api.Requests, Is.Empty);
    }

    [TestCase("--help")]
    [TestCase("--version")]
    [TestCase("run", "--help")]
    public async Task Asking_for_help_is_no_error(params string[] args) =>
        Assert.That(await CommandLine.InvokeAsync(args), Is.Zero);

    [Test]
    public void Options_of_the_command_line_reach_the_controller()
    {
        var options = RunCommand.ReadOptions(RunCommand.Create(null).Parse(
            ["--context", "kind", "--namespace", "a", "-n", "b", "--prometheus", "https://p:9/x", "--listen", "[::1]:81", "--log-format", "json", "--log-level", "warn", "--no-leader-election", "--no-page"]));

        Assert.That(options.Context, Is.EqualTo("kind"));
        Assert.That(options.Namespaces, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(options.Providers.Single().Address, Is.EqualTo(new Uri("https://p:9/x")));
        Assert.That(options.Listen.ToString(), Is.EqualTo("[::1]:81"));
        Assert.That(options.LogFormat.ToString(), Is.EqualTo("Json"));
        Assert.That(options.LogLevel.ToString(), Is.EqualTo("Warning"));
        Assert.That(options.LeaderElection, Is.False);
        Assert.That(options.Page, Is.False);
    }

    [Test]
    public void The_file_of_settings_can_be_named()
    {
        var file = Path.Combine(Path.GetTempPath(), $"rollout-settings-{Guid.NewGuid():N}.json");
        File.WriteAllText(file, """{"Rollout": {"LeaseName": "named"}}""");
        var options = RunCommand.ReadOptions(RunCommand.Create(null).Parse(["--settings", file]));
        File.Delete(file);

        Assert.That(options.LeaseName, Is.EqualTo("named"));
        Assert.That(RunCommand.ReadOptions(RunCommand.Create(null).Parse(["--settings", file])).Problems(), Has.Some.StartsWith($"--settings (environment ROLLOUT_SETTINGS) names the file {file}, which is not there"));
    }
}
