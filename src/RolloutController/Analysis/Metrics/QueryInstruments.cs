using System.Diagnostics.Metrics;

namespace RolloutController.Analysis.Metrics;

/// <summary>What is measured of queries to metric providers.</summary>
internal static class QueryInstruments
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "RolloutController.Analysis";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("metric_query_duration_seconds");

    /// <summary>Measures a query.</summary>
    /// <param name="provider">The provider's name.</param>
    /// <param name="reading">What came of it.</param>
    /// <param name="elapsed">How long it took, further tries included.</param>
    public static void Answered(string provider, MetricReading reading, TimeSpan elapsed) =>
        Durations.Record(elapsed.TotalSeconds, new("provider", provider), new("result", reading switch
        {
            MetricReading.Unavailable => "unavailable",
            MetricReading.Refused => "refused",
            _ => "success",
        }));
}
