using System.Globalization;

namespace RolloutController.Hosting.Metrics;

/// <summary>
/// Writes metrics as OpenMetrics 1.0 or Prometheus 0.0.4 text.
/// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md,
/// https://prometheus.io/docs/instrumenting/exposition_formats/
/// </summary>
internal sealed class ExpositionWriter(TextWriter output, ExpositionFormat format)
{
    /// <summary>Writes all metrics, and the end.</summary>
    public void Write(IEnumerable<MetricSnapshot> metrics)
    {
        foreach (var metric in metrics)
            Write(metric);
        if (format.IsOpenMetrics)
            output.Write("# EOF\n");
    }

    private void Write(MetricSnapshot metric)
    {
        WriteHead(metric.Definition);
        foreach (var series in metric.Series)
        {
            if (series.Counts is { } counts)
                WriteHistogram(metric.Definition, series, counts);
            else
                WriteSample(metric.Definition.Name, metric.Definition.Labels, series.Labels, Number(series.Value));
        }
    }

    // A counter's family is named without _total in OpenMetrics and with it in Prometheus text, which has no units either.
    private void WriteHead(MetricDefinition metric)
    {
        var name = format.IsOpenMetrics ? metric.Family : metric.Name;
        output.Write($"# TYPE {name} {Type(metric.Type)}\n");
        if (format.IsOpenMetrics && metric.Unit is not null)
            output.Write($"# UNIT {name} {metric.Unit}\n");
        output.Write($"# HELP {name} {EscapeHelp(metric.Help)}\n");
    }

    private void WriteHistogram(MetricDefinition metric, SeriesSnapshot series, IReadOnlyList<long> counts)
    {
        string[] labels = [.. metric.Labels, "le"];
        var cumulated = 0L;
        for (var bucket = 0; bucket < counts.Count; bucket++)
        {
            cumulated += counts[bucket];
            var bound = bucket < metric.Buckets.Length ? metric.Buckets[bucket] : double.PositiveInfinity;
            WriteSample(metric.Name + "_bucket", labels, [.. series.Labels, Bound(bound)], Number(cumulated));
        }
        WriteSample(metric.Name + "_sum", metric.Labels, series.Labels, Number(series.Value));
        WriteSample(metric.Name + "_count", metric.Labels, series.Labels, Number(cumulated));
    }

    private void WriteSample(string name, string[] labels, IReadOnlyList<string> values, string value)
    {
        output.Write(name);
        for (var label = 0; label < labels.Length; label++)
        {
            output.Write(label == 0 ? '{' : ',');
            output.Write($"{labels[label]}=\"{EscapeValue(values[label])}\"");
        }
        output.Write(labels.Length > 0 ? "} " : " ");
        output.Write(value);
        output.Write('\n');
    }

    private static string Type(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Histogram => "histogram",
        _ => "gauge",
    };

    private static string EscapeValue(string value) =>
        value.AsSpan().ContainsAny('\\', '"', '\n') ? value.Replace(@"\", @"\\").Replace("\n", @"\n").Replace("\"", "\\\"") : value;

    // Only OpenMetrics escapes the quote in help: in Prometheus text \" would be shown as it is.
    private string EscapeHelp(string help)
    {
        var escaped = help.Replace(@"\", @"\\").Replace("\n", @"\n");
        return format.IsOpenMetrics ? escaped.Replace("\"", "\\\"") : escaped;
    }

    /// <summary>A sample's value: the shortest text that reads as the same number.</summary>
    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
    };

    /// <summary>
    /// A bucket's bound in its canonical form, since <c>le</c> is compared as text: always a point or an exponent, the exponent
    /// from 1e+06 up and below 1e-04, with two digits at least ("Considerations: Canonical Numbers" of the specification).
    /// </summary>
    internal static string Bound(double bound)
    {
        if (!double.IsFinite(bound))
            return Number(bound);
        var pattern = Math.Abs(bound) is 0 or (>= 1e-4 and < 1e6) ? "0.0##############" : "0.##############e+00";
        return bound.ToString(pattern, CultureInfo.InvariantCulture);
    }
}
