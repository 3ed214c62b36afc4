namespace RolloutController.Analysis.Metrics;

/// <summary>Selectors for the metrics that common data planes export. Each tells two versions apart.</summary>
public static class Presets
{
    /// <summary>The preset of a provider that names none.</summary>
    public const string Default = "plain";

    private static readonly Dictionary<string, ErrorRateSelectors> Known = new(StringComparer.Ordinal)
    {
        // The application's own counters, with the namespace and pod labels that Kubernetes service discovery attaches.
        ["plain"] = Make("http_requests_total", """namespace="$namespace",pod=~"$pods" """, """code=~"5.." """),

        // reporter="source" is the proxy that made the split, gateway or sidecar: it knows which Service it chose, counts
        // connections that failed (503), and counts each request once. https://istio.io/latest/docs/reference/config/metrics/
        ["istio"] = Make("istio_requests_total", IstioArm, """response_code=~"5.." """),

        // gRPC answers 200 and puts the outcome in grpc-status: the codes that are the server's fault.
        // https://grpc.github.io/grpc/core/md_doc_statuscodes.html
        ["istio-grpc"] = Make("istio_requests_total", IstioArm, """grpc_response_status=~"2|4|12|13|14|15" """),

        // Contour gives each Service an Envoy cluster and reports it as namespace_service_port.
        // https://github.com/projectcontour/contour/issues/689, https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
        ["contour"] = Make("envoy_cluster_upstream_rq_xx", """envoy_cluster_name=~"$namespace_$service_[0-9]+" """, """envoy_response_code_class="5" """),

        // Envoy Gateway gives a whole rule one cluster (https://github.com/envoyproxy/gateway/issues/6742), so only the endpoints tell
        // versions apart: EnvoyProxy telemetry.metrics.enablePerEndpointStats has to be on (https://github.com/envoyproxy/gateway/pull/3145).
        // The counters and what each of them counts: https://github.com/envoyproxy/envoy/pull/29709
        ["envoy-gateway"] = new(
            SelectorTemplate.Parse("""envoy_cluster_endpoint_rq_total{envoy_endpoint_address=~"$addresses"}"""),
            SelectorTemplate.Parse("""envoy_cluster_endpoint_rq_error{envoy_endpoint_address=~"$addresses"}""")),

        // The labels service and namespace of ingress-nginx name the backend; Prometheus keeps them as exported_ beside the target's own.
        // https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/
        ["ingress-nginx"] = Make(
            "nginx_ingress_controller_requests", """exported_namespace="$namespace",exported_service="$service" """, """status=~"5.." """),
    };

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

    /// <summary>What is said of a name that is no preset's.</summary>
    internal static string Refusal(string name) => $"There is no preset \"{name}\"; there are {string.Join(", ", Known.Keys)}.";

    private static ErrorRateSelectors Make(string metric, string arm, string errors) =>
        new(SelectorTemplate.Parse($"{metric}{{{arm}}}"), SelectorTemplate.Parse($"{metric}{{{arm},{errors}}}"));
}
