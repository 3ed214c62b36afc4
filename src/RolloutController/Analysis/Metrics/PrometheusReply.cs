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

    /// <summary>Reads the answer to a query.</summary>
    /// <param name="body">The JSON text.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="asOf">The provider's clock.</param>
    /// <param name="provider">The provider's name, for messages.</param>
    public static MetricReading Read(ReadOnlyMemory<byte> body, MetricQuery query, DateTimeOffset asOf, string provider)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Read(document.RootElement, query, asOf, provider);
        }
        // JsonElement throws InvalidOperationException where a value is of another kind, KeyNotFoundException where it is
        // missing; a label that comes twice is an ArgumentException.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            return new MetricReading.Unavailable($"provider {provider} answered with JSON that is no query result");
        }
    }

    private static MetricReading Read(JsonElement root, MetricQuery query, DateTimeOffset asOf, string provider)
    {
        if (root.GetProperty("status").GetString() != "success")
            return new MetricReading.Unavailable($"provider {provider} could not run the query");
        if (IsPartial(root))
            return new MetricReading.Unavailable($"provider {provider} answered with a part of the data only");

        var data = root.GetProperty("data");
        var result = data.GetProperty("result");
        return (query, data.GetProperty("resultType").GetString()) switch
        {
            (MetricQuery.Expression, "scalar") => Scalar(Point(result), asOf, provider),
            (MetricQuery.Expression, "vector") => Series(result, query, element => [Point(element.GetProperty("value"))], asOf, provider),
            (MetricQuery.Expression, "matrix" or "string") => new MetricReading.Refused(
                $"the query yields no number in provider {provider}; write one that does, such as sum(shop_queue_length), without a range at its end"),
            (MetricQuery.Counters or MetricQuery.Gauges, "matrix") =>
                Series(result, query, element => [.. element.GetProperty("values").EnumerateArray().Select(Point)], asOf, provider),
            _ => new MetricReading.Unavailable($"provider {provider} did not answer with raw values; is it a Prometheus query API?"),
        };
    }

    private static MetricReading Series(JsonElement result, MetricQuery query, Func<JsonElement, List<MetricPoint>> read, DateTimeOffset asOf, string provider)
    {
        if (result.GetArrayLength() > MaxSeries)
            return new MetricReading.Refused($"the query matches more than {MaxSeries} series in provider {provider}; add label matchers that narrow it");

        var series = new List<MetricSeries>();
        foreach (var element in result.EnumerateArray())
        {
            if (element.TryGetProperty("histogram", out _) || element.TryGetProperty("histograms", out _))
                return new MetricReading.Refused($"the query matches native histograms in provider {provider}, which are no numbers; select counters, gauges or the buckets of a classic histogram");

            var points = read(element);
            if (Unusable(points, query, provider) is { } unusable)
                return unusable;
            if (points.Count > 0)
                series.Add(new MetricSeries(Labels(element.GetProperty("metric")), points));
        }

        return new MetricReading.Found(series, asOf);
    }

    private static MetricReading Scalar(MetricPoint point, DateTimeOffset asOf, string provider) => point.Value switch
    {
        double.NaN => new MetricReading.Found([], asOf),
        var value when !double.IsFinite(value) => Infinite(provider),
        _ => new MetricReading.Found([new MetricSeries(new Dictionary<string, string>(), [point])], asOf),
    };

    /// <summary>What values do not count; those of gauges that are not a number are none, and go.</summary>
    private static MetricReading? Unusable(List<MetricPoint> points, MetricQuery query, string provider)
    {
        if (query is MetricQuery.Counters && points.Exists(point => !double.IsFinite(point.Value)))
            return new MetricReading.Unavailable($"provider {provider} answered with values that are no counts (not a number, or infinite)");
        if (query is MetricQuery.Counters && points.Exists(point => point.Value < 0))
            return new MetricReading.Refused($"the selector matches values below 0 in provider {provider}; it must select counters");
        points.RemoveAll(point => double.IsNaN(point.Value));
        return points.Exists(point => !double.IsFinite(point.Value)) ? Infinite(provider) : null;
    }

    private static MetricReading.Unavailable Infinite(string provider) => new($"provider {provider} answered with an infinite value; is something divided by 0?");

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

    private static MetricPoint Point(JsonElement pair)
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
        return new MetricPoint(DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds), value);
    }

    private static Dictionary<string, string> Labels(JsonElement metric) =>
        metric.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal);
}
