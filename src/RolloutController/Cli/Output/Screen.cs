using System.CommandLine;
using Spectre.Console;

namespace RolloutController.Cli.Output;

/// <summary>Where a command writes: with colours and a live picture on a terminal, in plain lines elsewhere.</summary>
internal sealed class Screen
{
    // Lines are the terminal's to wrap, and nobody's where a program reads them.
    private const int Unbounded = 100_000;

    private readonly int _width;

    /// <summary>Writes to a console.</summary>
    /// <param name="console">The console.</param>
    public Screen(IAnsiConsole console)
    {
        Console = console;
        _width = console.Profile.Width;
    }

    /// <summary>The console.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>Whether a picture can be kept up to date on it.</summary>
    public bool IsLive => Console.Profile.Capabilities.Interactive && Console.Profile.Capabilities.Ansi;

    /// <summary>The screen for the output of a command; without colours where <c>NO_COLOR</c> is set (no-color.org).</summary>
    public static Screen Of(ParseResult parsed) => Of(parsed.InvocationConfiguration.Output);

    /// <summary>The screen for an output; without colours where <c>NO_COLOR</c> is set.</summary>
    public static Screen Of(TextWriter output)
    {
        var isTerminal = ReferenceEquals(output, System.Console.Out) && !System.Console.IsOutputRedirected;
        var isColourful = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Screen(AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isColourful ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        }));
    }

    /// <summary>Writes lines of Spectre's markup.</summary>
    public void Write(IEnumerable<string> lines)
    {
        Console.Profile.Width = Unbounded;
        foreach (var line in lines)
            Console.MarkupLine(line);
        Console.Profile.Width = _width;
    }

    /// <summary>Writes a sentence.</summary>
    public void Say(string sentence) => Write([Markup.Escape(sentence)]);
}
