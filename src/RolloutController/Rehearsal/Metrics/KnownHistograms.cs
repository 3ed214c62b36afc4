using System.Globalization;

namespace RolloutController.Rehearsal.Metrics;

/// <summary>The histograms of durations that a real Prometheus would have of a target.</summary>
internal static class KnownHistograms
{
    // What client libraries take by default: https://pkg.go.dev/github.com/prometheus/client_golang/prometheus#DefBuckets
    private static readonly double[] Bounds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    /// <summary>The series of a target.</summary>
    public static IEnumerable<KnownSeries> Of(ScrapeSubject subject) => subject switch
    {
        ScrapeSubject.Pod pod => Series(
            "http_request_duration_seconds", 1, ("job", "pods"), ("instance", pod.Instance), ("namespace", pod.Namespace), ("pod", pod.Name), ("pod_template_hash", pod.Revision)),
        ScrapeSubject.Service { Name.Length: > 0 } service =>
        [
            .. Series(
                "istio_request_duration_milliseconds", 1000, ("job", "istio"), ("reporter", "source"), ("source_workload", "gateway"),
                ("destination_service_namespace", service.Namespace), ("destination_service_name", service.Name)),
            .. Series(
                "envoy_cluster_upstream_rq_time", 1000, ("job", "envoy"), ("namespace", "projectcontour"),
                ("envoy_cluster_name", string.Create(CultureInfo.InvariantCulture, $"{service.Namespace}_{service.Name}_{service.Port}"))),
            .. Series(
                "nginx_ingress_controller_request_duration_seconds", 1, ("job", "ingress-nginx"), ("namespace", "ingress-nginx"),
                ("exported_namespace", service.Namespace), ("exported_service", service.Name)),
        ],
        _ => [],
    };

    /// <summary>All buckets are there from the first request on.</summary>
    private static IEnumerable<KnownSeries> Series(string name, int perSecond, params (string Name, string Value)[] labels)
    {
        return
        [
            Make("_count", null, scrape => scrape.Latencies.All),
            Make("_bucket", "+Inf", scrape => scrape.Latencies.All),
            .. Bounds.Select(bound => Make("_bucket", (bound * perSecond).ToString(CultureInfo.InvariantCulture), scrape => scrape.Latencies.Within(TimeSpan.FromSeconds(bound)))),
        ];

        KnownSeries Make(string suffix, string? bound, Func<Scrape, long> count)
        {
            var all = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["__name__"] = name + suffix };
            foreach (var (label, value) in labels)
                all[label] = value;
            if (bound is not null)
                all["le"] = bound;
            return new KnownSeries(all, scrape => scrape.Latencies.All > 0 ? count(scrape) : null);
        }
    }
}
