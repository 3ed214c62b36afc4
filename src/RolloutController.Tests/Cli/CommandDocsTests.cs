using System.CommandLine;
using System.Text;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Cli;

/// <summary>
/// The part of <c>docs/cli.md</c> that lists the commands is made of the commands themselves. Where it is stale this fails; with
/// <c>ROLLOUT_TEST_WRITE=1</c> it is written anew.
/// </summary>
internal sealed class CommandDocsTests
{
    private const string Begin = "<!-- Made from the commands: ROLLOUT_TEST_WRITE=1 dotnet test --filter CommandDocsTests writes it anew. -->\n";
    private const string End = "<!-- Until here. -->\n";

    private static readonly string[] Shared = ["--namespace", "--context", "--kubeconfig", "--help", "--version"];

    [Test]
    public void The_reference_says_what_the_commands_say()
    {
        var file = RepositoryFiles.PathOf("docs/cli.md");
        var text = File.ReadAllText(file);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.That(new[] { begin, end }, Has.All.Positive, $"docs/cli.md has lost one of the lines {Begin}{End}");
        var expected = $"{text[..(begin + Begin.Length)]}\n{Reference()}{text[end..]}";
        if (Environment.GetEnvironmentVariable("ROLLOUT_TEST_WRITE") == "1")
            File.WriteAllText(file, expected);
        else
            Assert.That(text, Is.EqualTo(expected), $"docs/cli.md is stale: {Begin}");
    }

    [Test]
    public void The_exit_codes_are_in_it()
    {
        var text = File.ReadAllText(RepositoryFiles.PathOf("docs/cli.md"));
        foreach (var code in typeof(ExitCodes).GetFields().Select(field => field.GetRawConstantValue()))
            Assert.That(text, Does.Contain($"\n| {code} |"));
    }

    private static string Reference()
    {
        var text = new StringBuilder();
        foreach (var (command, name) in Commands(CommandLine.Create(), ""))
        {
            var asksCluster = command.Options.Any(option => option.Name == "--context");
            text.Append($"### {name}\n\n```text\nkubectl rollouts {name}{string.Concat(command.Arguments.Select(Usage))}{(command.Options.Count > 0 ? " [options]" : "")}\n```\n\n{command.Description}");
            text.Append(asksCluster && name is not ("run" or "lint") ? " Takes the [options of kubectl](#the-cluster).\n" : "\n");
            var own = command.Options.Where(option => !(asksCluster && name is not ("run" or "lint") && Shared.Contains(option.Name)) && option.Name != "--help").ToList();
            if (own.Count > 0)
                text.Append($"\n| option | |\n| --- | --- |\n{string.Concat(own.Select(Row))}");
            text.Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(Command Command, string Name)> Commands(Command parent, string prefix) => parent.Subcommands.Where(command => !command.Hidden)
        .SelectMany(command => command.Subcommands.Count > 0 ? Commands(command, $"{prefix}{command.Name} ") : [(command, $"{prefix}{command.Name}")]);

    private static string Usage(Argument argument) => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}...]" : argument.Arity.MaximumNumberOfValues > 1 ? $" {argument.Name}..." : $" {argument.Name}";

    private static string Row(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name).Select(name => $"`{name}{(option.HelpName is null ? "" : $" {option.HelpName}")}`")).Replace("|", "\\|", StringComparison.Ordinal);
        return $"| {names} | {option.Description?.Replace("|", "\\|", StringComparison.Ordinal)} |\n";
    }
}
