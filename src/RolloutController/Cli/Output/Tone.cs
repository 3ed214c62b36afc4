using RolloutController.Api;
using Spectre.Console;

namespace RolloutController.Cli.Output;

/// <summary>Colours by what they mean.</summary>
internal static class Tone
{
    public const string Good = "green";
    public const string Bad = "red";
    public const string Waits = "yellow";
    public const string Busy = "blue";
    public const string Quiet = "grey";
    public const string Strong = "bold";

    /// <summary>The colour of a phase.</summary>
    public static string Of(Phase phase) => phase switch
    {
        Phase.Healthy => Good,
        Phase.RollingBack or Phase.RolledBack or Phase.Invalid => Bad,
        Phase.Paused => Waits,
        _ => Busy,
    };

    /// <summary>Text in a colour, as markup.</summary>
    public static string Paint(string text, string tone) => text.Length == 0 ? "" : $"[{tone}]{Markup.Escape(text)}[/]";
}
