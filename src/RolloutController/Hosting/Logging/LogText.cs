using System.Text;
using System.Text.RegularExpressions;

namespace RolloutController.Hosting.Logging;

/// <summary>
/// Makes text from elsewhere safe to log: names, messages and errors are chosen by others, who must not be able to forge a line,
/// steer a terminal or fill the disk (CWE-117).
/// </summary>
internal static partial class LogText
{
    /// <summary>The most characters of one value.</summary>
    public const int MaxValue = 1024;

    private const char Replacement = ' ';

    /// <summary>The text on one line, without escape sequences, control characters and marks that reorder text, cut to a length.</summary>
    public static string Clean(string text, int max = MaxValue) => Cut(Strip(text, keepLines: false), max);

    /// <summary>The same for what has lines of its own, such as a stack trace.</summary>
    public static string CleanLines(string text, int max) => Cut(Strip(text.ReplaceLineEndings("\n"), keepLines: true), max);

    private static string Strip(string text, bool keepLines)
    {
        if (!text.Any(IsUnsafe))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var letter in EscapeSequence().Replace(text, ""))
            clean.Append(IsUnsafe(letter) && !(keepLines && letter == '\n') ? Replacement : letter);
        return clean.ToString();
    }

    // C0, DEL and C1 controls, the two Unicode line separators, and the bidirectional marks of CVE-2021-42574.
    private static bool IsUnsafe(char letter) =>
        char.IsControl(letter) || letter is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static string Cut(string text, int max)
    {
        if (text.Length <= max)
            return text;
        var end = char.IsHighSurrogate(text[max - 1]) ? max - 1 : max;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    // CSI and OSC sequences, and the two-letter ones (ECMA-48 5.3 to 5.6).
    [GeneratedRegex(@"\x1B\[[0-?]*[ -/]*[@-~]|\x1B\][^\x07\x1B]*(\x07|\x1B\\)?|\x1B[ -/]*[0-~]")]
    private static partial Regex EscapeSequence();
}
