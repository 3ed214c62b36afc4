using System.Globalization;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>A series that a real Prometheus would have of a target.</summary>
/// <param name="Labels">Its labels, the metric's name as <c>__name__</c> included.</param>
/// <param name="Value">Its value in a scrape; null where the series does not exist yet, as before the first error.</param>
internal sealed record KnownSeries(IReadOnlyDictionary<string, string> Labels, Func<Scrape, double?> Value)
{
    /// <summary>One without labels, as expressions yield.</summary>
    public static KnownSeries Unnamed { get; } = new(new Dictionary<string, string>(), _ => null);

    /// <summary>The metric's name; empty where it has none.</summary>
    public string Name { get; } = Labels.GetValueOrDefault("__name__", "");

    /// <summary>All labels as one text, to sort by.</summary>
    public string Key { get; } = string.Join(',', Labels.Select(label => $"{label.Key}={label.Value}"));

    /// <summary>The series of a target.</summary>
    public static IEnumerable<KnownSeries> Of(ScrapeSubject subject) => subject switch
    {
        ScrapeSubject.Pod pod => [.. Application(pod), .. EnvoyGateway(pod)],
        ScrapeSubject.Service { Name.Length: > 0 } service => [.. Istio(service), .. Contour(service), .. IngressNginx(service)],
        _ => [],
    };

    /// <summary>What an application counts itself, with the labels that service discovery for pods attaches.</summary>
    private static IEnumerable<KnownSeries> Application(ScrapeSubject.Pod pod)
    {
        return
        [
            Make("up", "", _ => 1),
            Make("http_requests_total", "200", scrape => scrape.Requests - scrape.Errors),
            Make("http_requests_total", "500", scrape => scrape.Errors),
        ];

        KnownSeries Make(string name, string code, Func<Scrape, long> count) => Counted(name, count,
            ("job", "pods"), ("instance", pod.Instance), ("namespace", pod.Namespace), ("pod", pod.Name), ("pod_template_hash", pod.Revision), ("code", code));
    }

    private static IEnumerable<KnownSeries> EnvoyGateway(ScrapeSubject.Pod pod)
    {
        return [Make("total", scrape => scrape.GatewayRequests), Make("error", scrape => scrape.GatewayErrors), Make("success", scrape => scrape.GatewayRequests - scrape.GatewayErrors)];

        KnownSeries Make(string what, Func<Scrape, long> count) => Counted($"envoy_cluster_endpoint_rq_{what}", count,
            ("job", "envoy"), ("namespace", "envoy-gateway-system"), ("envoy_endpoint_address", pod.Instance));
    }

    /// <summary>The proxy that makes the split counts what it could not send as well: 503, or UNAVAILABLE (14).</summary>
    private static IEnumerable<KnownSeries> Istio(ScrapeSubject.Service service)
    {
        return service.IsGrpc
            ? [Make("200", "0", Succeeded), Make("200", "13", scrape => scrape.Errors), Make("200", "14", scrape => scrape.Lost)]
            : [Make("200", "", Succeeded), Make("500", "", scrape => scrape.Errors), Make("503", "", scrape => scrape.Lost)];

        KnownSeries Make(string code, string status, Func<Scrape, long> count) => Counted("istio_requests_total", count,
            ("job", "istio"), ("reporter", "source"), ("source_workload", "gateway"), ("destination_service_namespace", service.Namespace),
            ("destination_service_name", service.Name), ("destination_service", $"{service.Name}.{service.Namespace}.svc.cluster.local"),
            ("request_protocol", service.IsGrpc ? "grpc" : "http"), ("response_code", code), ("grpc_response_status", status));
    }

    /// <summary>Classes of HTTP statuses, so errors of gRPC, whose status is 200, are not seen here.</summary>
    private static IEnumerable<KnownSeries> Contour(ScrapeSubject.Service service)
    {
        return service.IsGrpc ? [Make("2", scrape => scrape.Requests)] : [Make("2", Succeeded), Make("5", scrape => scrape.Errors + scrape.Lost)];

        KnownSeries Make(string code, Func<Scrape, long> count) => Counted("envoy_cluster_upstream_rq_xx", count,
            ("job", "envoy"), ("namespace", "projectcontour"), ("envoy_response_code_class", code),
            ("envoy_cluster_name", string.Create(CultureInfo.InvariantCulture, $"{service.Namespace}_{service.Name}_{service.Port}")));
    }

    private static IEnumerable<KnownSeries> IngressNginx(ScrapeSubject.Service service)
    {
        return service.IsGrpc
            ? [Make("200", scrape => scrape.Requests)]
            : [Make("200", Succeeded), Make("500", scrape => scrape.Errors), Make("503", scrape => scrape.Lost)];

        KnownSeries Make(string status, Func<Scrape, long> count) => Counted("nginx_ingress_controller_requests", count,
            ("job", "ingress-nginx"), ("namespace", "ingress-nginx"), ("exported_namespace", service.Namespace), ("exported_service", service.Name), ("status", status));
    }

    private static long Succeeded(Scrape scrape) => scrape.Requests - scrape.Errors - scrape.Lost;

    /// <summary>As client libraries do it, a series is there once there was something to count. Prometheus drops labels without a value.</summary>
    private static KnownSeries Counted(string name, Func<Scrape, long> count, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = name };
        foreach (var (label, value) in labels)
        {
            if (value.Length > 0)
                all[label] = value;
        }

        return new KnownSeries(all, scrape => count(scrape) is var value and > 0 ? value : (double?)null);
    }
}
