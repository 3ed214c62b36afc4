using System.Globalization;
using System.Text.Json;

namespace RolloutController.Analysis.Metrics;

/// <summary>Reads the body of a query's answer. Nothing in it reaches a message: it is somebody else's text.</summary>
/// <remarks>The format: https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats</remarks>
internal static class PrometheusReply
{
    /// <summary>More series than this are a selector that is too wide, not a version.</summary>
    public const int MaxSeries = 500;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16 };

    /// <summary>Reads the raw values of a range selector.</summary>
    /// <param name="body">The JSON text.</param>
    /// <param name="asOf">The provider's clock.</param>
    /// <param name="provider">The provider's name, for messages.</param>
    public static CounterReading Read(ReadOnlyMemory<byte> body, DateTimeOffset asOf, string provider)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Read(document.RootElement, asOf, provider);
        }
        // JsonElement throws InvalidOperationException where a value is of another kind, KeyNotFoundException where it is
        // missing; a label that comes twice is an ArgumentException.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            return new CounterReading.Unavailable($"provider {provider} answered with JSON that is no query result");
        }
    }

    private static CounterReading Read(JsonElement root, DateTimeOffset asOf, string provider)
    {
        if (root.GetProperty("status").GetString() != "success")
            return new CounterReading.Unavailable($"provider {provider} could not run the query");
        if (IsPartial(root))
            return new CounterReading.Unavailable($"provider {provider} answered with a part of the data only");

        var data = root.GetProperty("data");
        if (data.GetProperty("resultType").GetString() != "matrix")
            return new CounterReading.Unavailable($"provider {provider} did not answer with raw values; is it a Prometheus query API?");

        var result = data.GetProperty("result");
        if (result.GetArrayLength() > MaxSeries)
            return new CounterReading.Refused($"the selector matches more than {MaxSeries} series in provider {provider}; add label matchers that narrow it");

        var series = new List<CounterSeries>();
        foreach (var element in result.EnumerateArray())
        {
            if (element.TryGetProperty("histograms", out _))
                return new CounterReading.Refused($"the selector matches native histograms in provider {provider}; it must select counters");

            var points = element.GetProperty("values").EnumerateArray().Select(Point).ToList();
            if (points.Any(point => !double.IsFinite(point.Value)))
                return new CounterReading.Unavailable($"provider {provider} answered with values that are no counts (not a number, or infinite)");
            if (points.Any(point => point.Value < 0))
                return new CounterReading.Refused($"the selector matches values below 0 in provider {provider}; it must select counters");
            if (points.Count > 0)
                series.Add(new CounterSeries(Labels(element.GetProperty("metric")), points));
        }

        return new CounterReading.Counters(series, asOf);
    }

    /// <summary>
    /// Thanos and Mimir put "some of my stores did not answer" into warnings, VictoriaMetrics into a field of its own. The
    /// engine's own remarks also come as warnings, with a prefix, and change nothing about raw values.
    /// https://github.com/thanos-io/thanos/issues/7354
    /// </summary>
    private static bool IsPartial(JsonElement root) =>
        (root.TryGetProperty("isPartial", out var partial) && partial.ValueKind == JsonValueKind.True)
        || (root.TryGetProperty("warnings", out var warnings)
            && warnings.ValueKind == JsonValueKind.Array
            && warnings.EnumerateArray().Any(warning => warning.GetString()?.StartsWith("PromQL ", StringComparison.Ordinal) != true));

    private static CounterPoint Point(JsonElement pair)
    {
        if (pair.GetArrayLength() != 2)
            throw new FormatException();
        var milliseconds = Math.Round(pair[0].GetDouble() * 1000);
        // Past this, DateTimeOffset ends (in the year 9999).
        if (milliseconds is not (>= 0 and < 253_402_300_800_000))
            throw new FormatException();
        // .NET reads "NaN", but spells infinity differently.
        var value = pair[1].GetString() switch
        {
            "+Inf" or "-Inf" => double.PositiveInfinity,
            var text => double.Parse(text ?? "", NumberStyles.Float, CultureInfo.InvariantCulture),
        };
        return new CounterPoint(DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds), value);
    }

    private static Dictionary<string, string> Labels(JsonElement metric) =>
        metric.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal);
}
