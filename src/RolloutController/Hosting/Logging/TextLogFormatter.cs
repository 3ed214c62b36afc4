using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace RolloutController.Hosting.Logging;

/// <summary>One line an event for a person; a stack trace follows on indented lines, so that none can pass for an event.</summary>
internal sealed class TextLogFormatter : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        output.Write($" {Level(logEvent.Level)} {LogLine.Source(logEvent)}: {LogLine.Message(logEvent)}");
        foreach (var (name, value) in LogLine.Properties(logEvent).Where(property => !logEvent.MessageTemplate.Text.Contains($"{{{property.Key}", StringComparison.Ordinal)))
            output.Write($" {LogText.Clean(name)}={LogLine.Value(value)}");
        output.Write('\n');
        foreach (var line in LogLine.Exception(logEvent)?.Split('\n') ?? [])
            output.Write($"    {line}\n");
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "TRC",
        LogEventLevel.Debug => "DBG",
        LogEventLevel.Information => "INF",
        LogEventLevel.Warning => "WRN",
        LogEventLevel.Error => "ERR",
        _ => "CRT",
    };
}
