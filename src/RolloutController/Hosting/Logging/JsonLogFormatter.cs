using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace RolloutController.Hosting.Logging;

/// <summary>One JSON object a line: <c>time</c>, <c>level</c>, <c>logger</c>, <c>message</c>, <c>exception</c>, and each property under its own name.</summary>
internal sealed class JsonLogFormatter : ITextFormatter
{
    private static readonly JsonWriterOptions Options = new()
    {
        // A log line is no HTML: its reader wants é and ', not \u00e9 and \u0027.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
            Write(logEvent, json);
        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    private static void Write(LogEvent log, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("time", log.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("level", Level(log.Level));
        json.WriteString("logger", LogLine.Source(log));
        json.WriteString("message", LogLine.Message(log));
        foreach (var (name, value) in LogLine.Properties(log))
            WriteProperty(json, name, value);
        if (LogLine.Exception(log) is { } exception)
            json.WriteString("exception", exception);
        json.WriteEndObject();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, LogEventPropertyValue value)
    {
        json.WritePropertyName(name is "time" or "level" or "logger" or "message" or "exception" ? $"_{name}" : LogText.Clean(name));
        switch (value)
        {
            case ScalarValue { Value: null }: json.WriteNullValue(); break;
            case ScalarValue { Value: bool flag }: json.WriteBooleanValue(flag); break;
            case ScalarValue { Value: int number }: json.WriteNumberValue(number); break;
            case ScalarValue { Value: long number }: json.WriteNumberValue(number); break;
            case ScalarValue { Value: double number } when double.IsFinite(number): json.WriteNumberValue(number); break;
            default: json.WriteStringValue(LogLine.Value(value)); break;
        }
    }

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "critical",
    };
}
