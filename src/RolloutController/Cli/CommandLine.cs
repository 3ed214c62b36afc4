using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RolloutController.Cli.Completion;
using RolloutController.Cli.Converting;
using RolloutController.Cli.Reading;
using RolloutController.Cli.Steering;
using RolloutController.Hosting.Options;

namespace RolloutController.Cli;

/// <summary>The commands of the executable.</summary>
internal static class CommandLine
{
    private const int UsageError = 2;

    /// <summary>Parses and runs a command line.</summary>
    /// <returns>The exit code: the command's, or 2 when the command line is not one.</returns>
    public static async Task<int> InvokeAsync(string[] args, Action<WebApplicationBuilder, ControllerOptions>? addControl = null)
    {
        var result = Create(addControl).Parse(args);
        if (result.Action is ParseErrorAction)
            return Refuse(result);
        // The host handles signals, with the time that draining needs; the library would end the process after 2 s.
        return await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, CancellationToken.None);
    }

    /// <summary>Makes the commands, those first that are used most.</summary>
    public static RootCommand Create(Action<WebApplicationBuilder, ControllerOptions>? addControl = null)
    {
        var root = new RootCommand("Rollout: progressive delivery for Kubernetes. New versions get traffic step by step, and lose it by themselves when they fail.");
        Command[] commands =
        [
            GetCommand.Create(), DescribeCommand.Describe(), DescribeCommand.Explain(), DescribeCommand.History(), StatusCommand.Create(), WatchCommand.Create(),
            .. IntentCommands.All(), TemplateCommands.Restart(), TemplateCommands.Set(),
            LintCommand.Create(), ConvertCommand.Create(), RehearseCommand.Create(), DemoCommand.Create(), RunCommand.Create(addControl), CompletionCommand.Create(),
        ];
        foreach (var command in commands)
            root.Add(command);
        root.Add(ReadyCommand.Create());
        UsageErrors.RefuseUnknownOptions(root);
        root.Add(CompletionCommand.Answer(root));
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new NamedHelp((HelpAction)help.Action!);
        return root;
    }

    private static int Refuse(ParseResult result)
    {
        foreach (var error in UsageErrors.Of(result))
            Console.Error.WriteLine(error);
        Console.Error.WriteLine("Add --help to see what there is.");
        return UsageError;
    }
}
