using System.Diagnostics.Metrics;

namespace RolloutController.Kubernetes;

/// <summary>What is counted of requests, under the names that client-go gave them.</summary>
internal static class KubernetesMetrics
{
    public const string MeterName = "RolloutController.Kubernetes";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(
        "rest_client_requests_total", description: "Requests to the Kubernetes API, by HTTP status (<error>: no answer), HTTP method and kind.");

    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>(
        "rest_client_request_duration_seconds", "s", "Time until the Kubernetes API began to answer, by verb; watches aside.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60] });

    private static readonly Counter<long> Undecodable = Meter.CreateCounter<long>(
        "watch_decode_errors_total", description: "Objects that the Kubernetes API sent and that could not be read, by kind.");

    public static void Requested(KubernetesRequest request, string code, TimeSpan duration)
    {
        Requests.Add(1, new("code", code), new("method", request.Method.Method), new("kind", request.Plural));
        if (request.Verb != "watch")
            Durations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("verb", request.Verb));
    }

    public static void CouldNotRead(string plural) => Undecodable.Add(1, new KeyValuePair<string, object?>("kind", plural));
}
