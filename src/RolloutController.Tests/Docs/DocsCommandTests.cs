using System.CommandLine;
using NUnit.Framework;
using RolloutController.Cli;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Docs;

/// <summary>Every command of this program in the documentation is one, and those that need no cluster and name files of the repository run.</summary>
internal sealed class DocsCommandTests
{
    private static readonly string[] Offline = ["lint", "convert", "rehearse", "completion"];

    private static IEnumerable<DocsCommand> Commands() => DocsCommand.All();

    private static IEnumerable<DocsCommand> Runnable() => DocsCommand.All().Where(command => Offline.Contains(command.Arguments[0]) && !command.Arguments.Contains("--cluster")
        && (command.Arguments[0] != "convert" || Files(command).Any()) && Files(command).All(file => Path.Exists(RepositoryFiles.PathOf(file)))).DistinctBy(command => string.Join(' ', command.Arguments));

    [TestCaseSource(nameof(Commands))]
    public void Commands_are_understood(DocsCommand command) =>
        Assert.That(CommandLine.Create().Parse([.. command.Arguments]).Errors.Select(error => error.Message), Is.Empty, $"{command}");

    [TestCaseSource(nameof(Runnable))]
    public async Task Commands_run(DocsCommand command)
    {
        var folder = Directory.CreateTempSubdirectory("docs").FullName;
        try
        {
            await using var output = new StringWriter();
            await using var error = new StringWriter();
            var parsed = CommandLine.Create().Parse([.. command.Arguments.Select(argument => Path.Exists(RepositoryFiles.PathOf(argument)) ? RepositoryFiles.PathOf(argument)
                : argument.EndsWith(".html", StringComparison.Ordinal) ? Path.Combine(folder, argument) : argument)]);
            var code = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
            Assert.That((code, error.ToString()), Is.Not.EqualTo((ExitCodes.Usage, error.ToString())).And.Not.EqualTo((ExitCodes.Failed, error.ToString())), $"{command}");
            Assert.That(output.ToString(), Is.Not.Empty, $"{command}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Files(DocsCommand command) => command.Arguments.Zip(command.Arguments.Skip(1)).Where(pair => pair.First is "-f" or "--file").Select(pair => pair.Second);
}
