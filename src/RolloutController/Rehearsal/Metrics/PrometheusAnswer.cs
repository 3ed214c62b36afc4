using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>An answer of the HTTP API.</summary>
/// <param name="Code">The status.</param>
/// <param name="Type">The media type.</param>
/// <param name="Body">The body.</param>
internal sealed record PrometheusAnswer(int Code, string Type, string Body)
{
    public static PrometheusAnswer Text(int code, string body) => new(code, "text/plain", body);

    /// <summary>All values of series in a range.</summary>
    public static PrometheusAnswer Matrix(IEnumerable<(KnownSeries Series, List<SeriesPoint> Points)> result) => Data("matrix", result, static (json, points) =>
    {
        json.WriteStartArray("values");
        foreach (var point in points)
            Write(json, point);
        json.WriteEndArray();
    });

    /// <summary>The value of series at a moment.</summary>
    public static PrometheusAnswer Vector(IEnumerable<(KnownSeries Series, SeriesPoint Point)> result) => Data("vector", result, static (json, point) =>
    {
        json.WritePropertyName("value");
        Write(json, point);
    });

    public static PrometheusAnswer Error(int code, string type, string message) =>
        new(code, "application/json", new JsonObject { ["status"] = "error", ["errorType"] = type, ["error"] = message }.ToJsonString());

    private static PrometheusAnswer Data<T>(string type, IEnumerable<(KnownSeries Series, T Values)> result, Action<Utf8JsonWriter, T> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", "success");
            json.WriteStartObject("data");
            json.WriteString("resultType", type);
            json.WriteStartArray("result");
            foreach (var (series, values) in result)
            {
                json.WriteStartObject();
                json.WriteStartObject("metric");
                foreach (var (label, value) in series.Labels)
                    json.WriteString(label, value);
                json.WriteEndObject();
                write(json, values);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new(200, "application/json", Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter json, SeriesPoint point)
    {
        json.WriteStartArray();
        json.WriteNumberValue(point.At.ToUnixTimeMilliseconds() / 1000m);
        json.WriteStringValue(point.Value.ToString(CultureInfo.InvariantCulture));
        json.WriteEndArray();
    }
}

/// <summary>A value of a series.</summary>
/// <param name="At">When.</param>
/// <param name="Value">The value.</param>
internal readonly record struct SeriesPoint(DateTimeOffset At, double Value);
