using System.Globalization;
using Serilog.Events;
using Serilog.Parsing;

namespace RolloutController.Hosting.Logging;

/// <summary>What both formats say of an event, made safe by <see cref="LogText"/>.</summary>
internal static class LogLine
{
    private const int MaxMessage = 8 * 1024;
    private const int MaxException = 16 * 1024;

    /// <summary>The class that logged.</summary>
    public static string Source(LogEvent log) =>
        log.Properties.TryGetValue("SourceContext", out var source) ? Value(source) : "";

    /// <summary>The message with its values in place.</summary>
    public static string Message(LogEvent log)
    {
        var text = string.Concat(log.MessageTemplate.Tokens.Select(token => token is PropertyToken property ? Value(log, property) : token.ToString()));
        // Once more as a whole: a caller may have put a value into the template itself.
        return LogText.Clean(text, MaxMessage);
    }

    /// <summary>The exception with its stack, on several lines; null when there is none.</summary>
    public static string? Exception(LogEvent log) =>
        log.Exception is { } exception ? LogText.CleanLines(exception.ToString(), MaxException) : null;

    /// <summary>All properties that stand for something, those of the scopes included.</summary>
    public static IEnumerable<KeyValuePair<string, LogEventPropertyValue>> Properties(LogEvent log) =>
        log.Properties.Where(property => property.Key is not ("SourceContext" or "EventId")).OrderBy(property => property.Key, StringComparer.Ordinal);

    /// <summary>A value as text.</summary>
    public static string Value(LogEventPropertyValue value) =>
        LogText.Clean(value is ScalarValue { Value: string text } ? text : value.ToString(null, CultureInfo.InvariantCulture));

    private static string Value(LogEvent log, PropertyToken token) => log.Properties.TryGetValue(token.PropertyName, out var value)
        ? token.Format is null ? Value(value) : LogText.Clean(value.ToString(token.Format, CultureInfo.InvariantCulture))
        : token.ToString();
}
