using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace RolloutController.Hosting.Metrics;

/// <summary>A format that metrics are written in, as the scraper asked for it.</summary>
/// <param name="IsOpenMetrics">OpenMetrics 1.0, or else Prometheus text 0.0.4.</param>
/// <param name="ContentType">The media type of the answer. Prometheus 3 refuses one without.</param>
internal sealed record ExpositionFormat(bool IsOpenMetrics, string ContentType)
{
    /// <summary>The format that every scraper reads.</summary>
    public static readonly ExpositionFormat PrometheusText = new(false, "text/plain; version=0.0.4; charset=utf-8");

    /// <summary>OpenMetrics 1.0.</summary>
    public static readonly ExpositionFormat OpenMetrics = new(true, "application/openmetrics-text; version=1.0.0; charset=utf-8");

    // Names here need no escaping, which is what "underscores" promises to a scraper that asked about it.
    private static readonly ExpositionFormat OpenMetricsEscaped = OpenMetrics with { ContentType = OpenMetrics.ContentType + "; escaping=underscores" };

    // The text of 1.0.0 is a valid answer to 0.0.1, which said less.
    private static readonly ExpositionFormat OpenMetricsDraft = OpenMetrics with { ContentType = "application/openmetrics-text; version=0.0.1; charset=utf-8" };

    /// <summary>
    /// Picks what the scraper prefers among what can be written, and Prometheus text when it names nothing of that.
    /// https://prometheus.io/docs/instrumenting/content_negotiation/
    /// </summary>
    /// <param name="accept">The Accept headers.</param>
    public static ExpositionFormat Negotiate(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var wanted))
            return PrometheusText;
        return wanted
            .Where(type => type.Quality is not 0)
            .OrderByDescending(type => type.Quality ?? 1)
            .Select(Find)
            .FirstOrDefault(format => format is not null) ?? PrometheusText;
    }

    private static ExpositionFormat? Find(MediaTypeHeaderValue type) => (type.MediaType.Value?.ToLowerInvariant(), Parameter(type, "version")) switch
    {
        ("application/openmetrics-text", "1.0.0") => Parameter(type, "escaping") is null ? OpenMetrics : OpenMetricsEscaped,
        ("application/openmetrics-text", null) => OpenMetrics,
        ("application/openmetrics-text", "0.0.1") => OpenMetricsDraft,
        ("text/plain" or "text/*" or "*/*", null or "0.0.4") => PrometheusText,
        _ => null,
    };

    private static string? Parameter(MediaTypeHeaderValue type, string name) =>
        type.Parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.GetUnescapedValue().Value;
}
