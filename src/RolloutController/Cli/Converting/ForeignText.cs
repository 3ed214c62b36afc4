using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RolloutController.Api;

namespace RolloutController.Cli.Converting;

/// <summary>Durations, rates and names as others write them.</summary>
internal static class ForeignText
{
    /// <summary>A text; null where it is something else.</summary>
    public static string? Of(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>Seconds as a number, or a duration of Go such as <c>1h30m</c>; null where it is neither.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(seconds);
        try
        {
            return GatewayDuration.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A text with another name in the place of a name, wherever that stands for itself.</summary>
    public static string ReplaceName(string text, string? name, string by) =>
        string.IsNullOrEmpty(name) ? text : Regex.Replace(text, $"(?<![A-Za-z0-9-]){Regex.Escape(name)}(?![A-Za-z0-9-])", by.Replace("$", "$$", StringComparison.Ordinal), RegexOptions.None, TimeSpan.FromSeconds(1));

    /// <summary>A name that a check may have, made of another: of lower-case letters, digits and dashes, 40 at the most.</summary>
    public static string CheckName(string name)
    {
        var plain = string.Concat(name.ToLowerInvariant().Select(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-')).Trim('-');
        plain = plain[..Math.Min(plain.Length, 40)].TrimEnd('-');
        return plain is "" or "pods" or "operation" ? $"check-{plain}".TrimEnd('-') : plain;
    }

    /// <summary>A percentage, such as <c>0.5%</c>.</summary>
    public static string Percent(double percent) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(percent, 4):0.####}%");
}
