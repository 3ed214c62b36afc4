using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RolloutController.Cli;

/// <summary>The library's help, with the name that people called the program by: it takes that of the assembly.</summary>
/// <param name="help">The library's help.</param>
internal sealed class NamedHelp(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        try
        {
            return help.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
            output.Write(text.ToString().Replace(RootCommand.ExecutableName, ProgramName.Current, StringComparison.Ordinal));
        }
    }
}
