using System.Globalization;

namespace RolloutController.Analysis.Metrics;

/// <summary>Selectors for the metrics that common data planes export. Each tells two versions apart.</summary>
public static class Presets
{
    /// <summary>The preset of a provider that names none.</summary>
    public const string Default = "plain";

    private static readonly Dictionary<string, ErrorRateSelectors> Known = new(StringComparer.Ordinal)
    {
        // The application's own counters, with the namespace and pod labels that Kubernetes service discovery attaches.
        ["plain"] = Make("http_requests_total", PodArm, """code=~"5.." """),

        // reporter="source" is the proxy that made the split, gateway or sidecar: it knows which Service it chose, counts
        // connections that failed (503), and counts each request once. https://istio.io/latest/docs/reference/config/metrics/
        ["istio"] = Make("istio_requests_total", IstioArm, """response_code=~"5.." """),

        // gRPC answers 200 and puts the outcome in grpc-status: the codes that are the server's fault.
        // https://grpc.github.io/grpc/core/md_doc_statuscodes.html
        ["istio-grpc"] = Make("istio_requests_total", IstioArm, """grpc_response_status=~"2|4|12|13|14|15" """),

        // Contour gives each Service an Envoy cluster and reports it as namespace_service_port.
        // https://github.com/projectcontour/contour/issues/689, https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
        ["contour"] = Make("envoy_cluster_upstream_rq_xx", ContourArm, """envoy_response_code_class="5" """),

        // Envoy Gateway gives a whole rule one cluster (https://github.com/envoyproxy/gateway/issues/6742), so only the endpoints tell
        // versions apart: EnvoyProxy telemetry.metrics.enablePerEndpointStats has to be on (https://github.com/envoyproxy/gateway/pull/3145).
        // The counters and what each of them counts: https://github.com/envoyproxy/envoy/pull/29709
        ["envoy-gateway"] = new(
            SelectorTemplate.Parse("""envoy_cluster_endpoint_rq_total{envoy_endpoint_address=~"$addresses"}"""),
            SelectorTemplate.Parse("""envoy_cluster_endpoint_rq_error{envoy_endpoint_address=~"$addresses"}""")),

        // The labels service and namespace of ingress-nginx name the backend; Prometheus keeps them as exported_ beside the target's own.
        // https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/
        ["ingress-nginx"] = Make(
            "nginx_ingress_controller_requests", NginxArm, """status=~"5.." """),
    };

    // Of the durations of requests, by the same labels. The endpoints of Envoy Gateway have none.
    private static readonly Dictionary<string, Histogram> Histograms = new(StringComparer.Ordinal)
    {
        ["plain"] = new("http_request_duration_seconds", PodArm, TimeSpan.FromSeconds(1)),
        ["istio"] = new("istio_request_duration_milliseconds", IstioArm, TimeSpan.FromMilliseconds(1)),
        ["istio-grpc"] = new("istio_request_duration_milliseconds", IstioArm, TimeSpan.FromMilliseconds(1)),
        ["contour"] = new("envoy_cluster_upstream_rq_time", ContourArm, TimeSpan.FromMilliseconds(1)),
        ["ingress-nginx"] = new("nginx_ingress_controller_request_duration_seconds", NginxArm, TimeSpan.FromSeconds(1)),
    };

    private const string PodArm = """namespace="$namespace",pod=~"$pods" """;

    private const string ContourArm = """envoy_cluster_name=~"$namespace_$service_[0-9]+" """;

    private const string NginxArm = """exported_namespace="$namespace",exported_service="$service" """;

    private const string IstioArm = """reporter="source",destination_service_namespace="$namespace",destination_service_name="$service" """;

    /// <summary>The names of the presets.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>Finds a preset.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="ArgumentException">There is none; the message says why, or which there are.</exception>
    public static ErrorRateSelectors Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Known.TryGetValue(name, out var selectors) ? selectors : throw new ArgumentException(Refusal(name), nameof(name));
    }

    /// <summary>The selectors of slow requests of a preset; null where it has no histogram that tells versions apart.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bound">Requests that take longer are slow.</param>
    public static LatencySelectors? Latency(string name, TimeSpan bound) => Histograms.GetValueOrDefault(name)?.SlowerThan(bound);

    /// <summary>What is said of a name that is no preset's.</summary>
    internal static string Refusal(string name) => $"There is no preset \"{name}\"; there are {string.Join(", ", Known.Keys)}.";

    private static ErrorRateSelectors Make(string metric, string arm, string errors) =>
        new(SelectorTemplate.Parse($"{metric}{{{arm}}}"), SelectorTemplate.Parse($"{metric}{{{arm},{errors}}}"));

    /// <summary>A classic histogram of the durations of requests.</summary>
    private sealed record Histogram(string Metric, string Arm, TimeSpan Unit)
    {
        /// <summary>Prometheus 3 writes the bound 5 as 5.0, those before as the program did. https://prometheus.io/docs/prometheus/latest/migration/</summary>
        public LatencySelectors SlowerThan(TimeSpan bound)
        {
            var text = ((decimal)bound.Ticks / Unit.Ticks).ToString("0.#######", CultureInfo.InvariantCulture);
            var le = text.Contains('.', StringComparison.Ordinal) ? text.Replace(".", "[.]", StringComparison.Ordinal) : $"{text}([.]0)?";
            return new(SelectorTemplate.Parse($"{Metric}_count{{{Arm}}}"), SelectorTemplate.Parse($"{Metric}_bucket{{{Arm},le=~\"{le}\"}}")) { Unit = Unit };
        }
    }
}
