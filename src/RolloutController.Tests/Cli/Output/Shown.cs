using RolloutController.Cli.Output;
using Spectre.Console;

namespace RolloutController.Tests.Cli.Output;

/// <summary>What markup comes to where nobody sees colours.</summary>
internal static class Shown
{
    public static string Text(IEnumerable<string> lines)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new Screen(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors })).Write(lines);
        return text.ToString();
    }
}
