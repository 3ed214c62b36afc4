using System.Diagnostics;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Cli;

/// <summary>What a shell offers, asked for as the scripts do; and the scripts in the shells that are installed.</summary>
internal sealed class CompletionTests
{
    private string _folder = "";

    [SetUp]
    public void MakePlugin()
    {
        _folder = Directory.CreateTempSubdirectory("completion").FullName;
        File.CreateSymbolicLink(Plugin, Path.Combine(AppContext.BaseDirectory, "RolloutController"));
    }

    [TearDown]
    public void RemovePlugin() => Directory.Delete(_folder, recursive: true);

    private string Plugin => Path.Combine(_folder, "kubectl-rollouts");

    [TestCase("pro", "", "promote")]
    [TestCase("", "completion", "bash fish powershell zsh")]
    [TestCase("w", "get -o", "wide")]
    [TestCase("im", "set", "image")]
    [TestCase("--f", "promote shop", "--full")]
    [TestCase("__", "", "")]
    public async Task Words_are_completed(string current, string before, string expected)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await CommandLine.Create().Parse(["__complete", "--", $".{current}", .. before.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).InvokeAsync(new() { Output = output });
        Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Test]
    public async Task Without_a_cluster_nothing_is_offered_and_nothing_said()
    {
        var run = await CommandRun.StartAsync(CancellationToken.None, "__complete", "--", ".", "describe", "--kubeconfig", "/nowhere");
        Assert.That(run, Is.EqualTo(new CommandRun(0, "", "")));
    }

    [Test]
    public async Task Bash_completes_with_its_script() => Assert.That(
        await ShellAsync("bash", "-c", "source <(kubectl-rollouts completion bash); complete -p kubectl-rollouts; COMP_WORDS=(kubectl-rollouts comp); COMP_CWORD=1; _kubectl_rollouts_complete; echo ${COMPREPLY[@]}; COMP_WORDS=(kubectl-rollouts get -o ''); COMP_CWORD=3; _kubectl_rollouts_complete; echo ${COMPREPLY[@]}"),
        Is.EqualTo("complete -o default -F _kubectl_rollouts_complete kubectl-rollouts\ncompletion\njson name wide yaml\n"));

    [Test]
    public async Task Zsh_takes_its_script() => Assert.That(await ShellAsync("zsh", "-c", "kubectl-rollouts completion zsh | zsh -n && echo fine"), Is.EqualTo("fine\n"));

    [Test]
    public async Task Fish_completes_with_its_script() => Assert.That(
        await ShellAsync("fish", "-c", "kubectl-rollouts completion fish | source; complete -C 'kubectl-rollouts comp'"), Is.EqualTo("completion\n"));

    [Test]
    public async Task PowerShell_completes_with_its_script() => Assert.That(
        await ShellAsync("pwsh", "-NoProfile", "-NonInteractive", "-Command", """
            kubectl-rollouts completion powershell | Out-String | Invoke-Expression
            foreach ($line in 'kubectl-rollouts comp', 'kubectl-rollouts get -o ', 'kubectl-rollouts promote shop --f', 'kubectl-rollouts completion pow') {
              (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText -join ' '
            }
            """),
        Is.EqualTo("completion\njson name wide yaml\n--full\npowershell\n"));

    [Test]
    public async Task Kubectl_finds_it_and_help_says_what_people_type()
    {
        Assert.That(await ShellAsync("kubectl", "rollouts", "status", "--help"), Does.Contain("  kubectl rollouts status <ROLLOUT> [options]"));
        Assert.That(await ShellAsync("kubectl", "rollouts", "--help"), Does.Contain("  kubectl rollouts [command] [options]").And.Not.Contain("RolloutController"));
    }

    [TestCase("/usr/local/bin/kubectl-rollouts", "kubectl rollouts")]
    [TestCase("kubectl-rollouts.exe", "kubectl rollouts")]
    [TestCase("/app/RolloutController.dll", "RolloutController")]
    public void The_program_has_the_name_that_people_type(string path, string name) => Assert.That(ProgramName.Of(path), Is.EqualTo(name));

    private async Task<string> ShellAsync(string shell, params string[] arguments)
    {
        if (ChildProcess.Find(shell) is not { } program)
        {
            Assert.Ignore($"{shell} is not on PATH; install it to run this test.");
            throw new InvalidOperationException();
        }

        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        // PowerShell sends both elsewhere.
        (start.Environment["POWERSHELL_TELEMETRY_OPTOUT"], start.Environment["POWERSHELL_UPDATECHECK"]) = ("1", "Off");
        start.Environment["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return output;
    }
}
