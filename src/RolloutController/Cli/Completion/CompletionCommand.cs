using System.CommandLine;

namespace RolloutController.Cli.Completion;

/// <summary>The command <c>completion</c>, and the hidden one that the scripts ask at each Tab.</summary>
internal static class CompletionCommand
{
    /// <summary>What the scripts call.</summary>
    public const string Ask = "__complete";

    private static readonly Argument<string> Shell = new("SHELL") { Description = "bash, zsh, fish or powershell." };

    static CompletionCommand() => Shell.AcceptOnly([.. CompletionScripts.Shells]);

    /// <summary>Makes <c>completion</c>.</summary>
    public static Command Create()
    {
        var command = new Command("completion", "Prints a script with which a shell completes commands, options and the names of Rollouts.") { Shell };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.Write(CompletionScripts.For(parsed.GetValue(Shell)!, ProgramName.Executable)));
        return command;
    }

    /// <summary>
    /// Makes the command that the scripts call: with the word under the cursor, after a dot because some shells drop empty arguments, and then
    /// the words before it.
    /// </summary>
    /// <param name="root">The commands.</param>
    public static Command Answer(RootCommand root)
    {
        var words = new Argument<string[]>("WORDS") { Arity = ArgumentArity.OneOrMore };
        var command = new Command(Ask, "Prints what can stand under the cursor.") { words };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            foreach (var word in Complete(root, parsed.GetValue(words)!))
                parsed.InvocationConfiguration.Output.WriteLine(word);
        });
        return command;
    }

    private static IEnumerable<string> Complete(RootCommand root, string[] words)
    {
        var current = words[0][1..];
        var line = string.Concat(words.Skip(1).Select(word => $"\"{word.Replace("\"", "", StringComparison.Ordinal)}\" ")) + current;
        return root.Parse(line).GetCompletions(line.Length)
            .Select(item => item.Label)
            // Options are many, and wanted where one is begun.
            .Where(label => label.StartsWith(current, StringComparison.Ordinal) && (current.StartsWith('-') || label[0] is not ('-' or '/')))
            .Distinct();
    }
}
