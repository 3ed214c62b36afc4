using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>The formats of strings that are checked.</summary>
internal static partial class Formats
{
    /// <summary>Whether a format is checked here.</summary>
    public static bool IsKnown(string format) => format is "date-time" or "date" or "duration" or "uuid" or "ipv4" or "ipv6" or "password";

    /// <summary>Whether a string has a format.</summary>
    public static bool Matches(string format, string text) => format switch
    {
        "date-time" => IsDateTime(text),
        "date" => IsDate(text),
        "duration" => CelDurations.Parse(text) is not null || LongDuration().IsMatch(text),
        "uuid" => Uuid().IsMatch(text),
        "ipv4" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') == 3,
        "ipv6" => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };

    private static bool IsDateTime(string text) => text.Split('t', 'T') is [var date, var time, ..] && IsDate(date) && Time().IsMatch(time);

    private static bool IsDate(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _);

    [GeneratedRegex(@"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](.[0-9]+)?([zZ]|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Time();

    /// <summary>Beyond Go's durations, a number with a longer unit counts anywhere in the text (strfmt of go-openapi).</summary>
    [GeneratedRegex("[0-9]+\\s*(ns|us|µs|ms|s|m|h|d|w|wk|hr|(nano|micro|milli|sec|min|hour|day|week)[a-z]*)(?![a-z])", RegexOptions.IgnoreCase)]
    private static partial Regex LongDuration();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", RegexOptions.IgnoreCase)]
    private static partial Regex Uuid();
}
