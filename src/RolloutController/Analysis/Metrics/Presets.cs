namespace RolloutController.Analysis.Metrics;

/// <summary>Selectors for the metrics that common data planes export. A preset exists only where those metrics tell two versions apart.</summary>
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
    };

    private static readonly Dictionary<string, string> Unable = new(StringComparer.Ordinal)
    {
        // https://github.com/envoyproxy/gateway/issues/6742, https://github.com/envoyproxy/gateway/issues/7008
        ["envoy-gateway"] = "Envoy Gateway counts all backends of a rule as one cluster, so that its metrics cannot tell two versions apart",

        // Its canary label knows only its own canary Ingresses. https://github.com/kubernetes/ingress-nginx/pull/7696
        ["ingress-nginx"] = "ingress-nginx counts requests for an Ingress, not for the pods behind it, so that its metrics cannot tell two versions apart",
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

    /// <summary>Why there is no preset of a name, and what to use instead.</summary>
    internal static string Refusal(string name) => Unable.TryGetValue(name, out var why)
        ? $"There is no preset \"{name}\": {why}. Use \"{Default}\", which reads the application's own metrics, or write selectors in the Rollout."
        : $"There is no preset \"{name}\"; there are {string.Join(", ", Known.Keys)}.";

    private static ErrorRateSelectors Make(string metric, string arm, string errors) =>
        new(SelectorTemplate.Parse($"{metric}{{{arm}}}"), SelectorTemplate.Parse($"{metric}{{{arm},{errors}}}"));
}
