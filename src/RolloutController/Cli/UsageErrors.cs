using System.CommandLine;
using System.CommandLine.Parsing;

namespace RolloutController.Cli;

/// <summary>What is wrong with a command line, for people: the library names neither what is missing nor the option that a value is for.</summary>
internal static class UsageErrors
{
    /// <summary>What is wrong, a sentence each.</summary>
    public static IEnumerable<string> Of(ParseResult result)
    {
        // Whatever else is wrong follows from a word that is not known.
        if (result.UnmatchedTokens.Count > 0)
            return result.UnmatchedTokens.Select(word => $"\"{word}\" is no command, argument or option {(result.CommandResult.Command is RootCommand ? "here" : $"of {result.CommandResult.Command.Name}")}.");
        return result.Errors.Select(error => Missing(error.SymbolResult) ?? error.Message);
    }

    /// <summary>Lets an option take some values only.</summary>
    public static void AcceptOnly(this Option<string> option, params string[] values)
    {
        option.CompletionSources.Add(values);
        option.Validators.Add(result => Refuse(result, option.Name, values));
    }

    /// <summary>Lets an argument take some values only.</summary>
    public static void AcceptOnly(this Argument<string> argument, params string[] values)
    {
        argument.CompletionSources.Add(values);
        argument.Validators.Add(result => Refuse(result, argument.Name, values));
    }

    /// <summary>Has the commands below one refuse options that they do not know: the library takes these for arguments where any number may stand.</summary>
    public static void RefuseUnknownOptions(Command command)
    {
        command.Validators.Add(result =>
        {
            foreach (var word in command.Arguments.SelectMany(argument => result.GetResult(argument)?.Tokens ?? []).Where(word => word.Value.StartsWith('-')))
                result.AddError($"\"{word.Value}\" is no option of {command.Name}.");
        });
        foreach (var inner in command.Subcommands)
            RefuseUnknownOptions(inner);
    }

    private static void Refuse(SymbolResult result, string name, string[] values)
    {
        foreach (var token in result.Tokens.Where(token => !values.Contains(token.Value)))
            result.AddError($"{name} is \"{token.Value}\": write {string.Join(", ", values[..^1])} or {values[^1]}.");
    }

    /// <summary>What a command or option lacks; null where it lacks nothing.</summary>
    private static string? Missing(SymbolResult? symbol) => symbol switch
    {
        OptionResult { Tokens.Count: 0, Implicit: false, Option: { Arity.MinimumNumberOfValues: > 0 } option } => $"{option.Name}: {option.HelpName ?? "a value"} is missing. {option.Description}",
        ArgumentResult { Tokens.Count: 0, Argument: var argument, Parent: CommandResult command } => $"{command.Command.Name}: {argument.Name} is missing. {argument.Description}",
        _ => null,
    };
}
