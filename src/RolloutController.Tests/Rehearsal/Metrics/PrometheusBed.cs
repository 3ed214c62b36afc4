using System.Net;
using System.Text.Json.Nodes;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Requests;
using RolloutController.Tests.Cluster;
using RolloutController.Tests.Rehearsal.Requests;

namespace RolloutController.Tests.Rehearsal.Metrics;

/// <summary>A simulated Prometheus that scrapes the shop, whose new version fails a tenth of its requests.</summary>
internal sealed class PrometheusBed : IDisposable
{
    private readonly PrometheusHandler _handler;
    private readonly HttpClient _http;
    private readonly DateTimeOffset _start;

    private PrometheusBed(RequestBed shop, SimulatedPrometheus prometheus)
    {
        (Shop, Prometheus, _start) = (shop, prometheus, shop.Bed.Clock.GetUtcNow());
        _handler = new PrometheusHandler(prometheus, shop.Bed.Clock);
        _http = new HttpClient(_handler, disposeHandler: false);
    }

    public RequestBed Shop { get; }

    public SimulatedPrometheus Prometheus { get; }

    public Bed Bed => Shop.Bed;

    /// <summary>Lets requests come for five minutes from now on, half of them to each version, and a Prometheus scrape.</summary>
    public static async Task<PrometheusBed> StartAsync(Bed bed, bool isGrpc = false)
    {
        var shop = await RequestBed.StartAsync(
            bed, (1, 1),
            moment => moment.Revision == "new" ? new ServingQuality(0.1, Latency.Usual) : ServingQuality.Good,
            stream => stream with { IsGrpc = isGrpc, RequestsPerSecond = time => time < TimeSpan.FromMinutes(5) ? 100 : 0 });
        var prometheus = new SimulatedPrometheus(bed.Clock, shop.Requests);
        bed.Start(prometheus.RunAsync);
        return new PrometheusBed(shop, prometheus);
    }

    /// <summary>The provider as the controller uses it.</summary>
    public PrometheusProvider Provider(string? preset = null, string? namespaceLabel = null) => new(
        new PrometheusOptions("simulated", new Uri("http://prometheus.test")) { Preset = preset, NamespaceLabel = namespaceLabel }, Bed.Clock, _handler, new Random(1));

    /// <summary>Counts the new version's requests as the controller does it, once a minute until all are over.</summary>
    public async Task<Evidence> CountAsync(PrometheusProvider provider, CountSelectors? selectors = null)
    {
        var arm = new ArmIdentity(Bed.Namespace, "shop-canary", "new", ArmIdentity.PodsOf("shop-new"))
        {
            Addresses = () => [.. Bed.Pods.Where(pod => pod.Label("pod-template-hash") == "new").Select(pod => IPAddress.Parse(pod.Text("status.podIP")!))],
        };
        var sampler = new ErrorRateSampler(provider, selectors ?? provider.DefaultSelectors, arm, null, _start, TimeSpan.FromMinutes(1), Bed.Clock);
        var evidence = Evidence.StartingAt(_start);
        for (var look = 0; look < 6; look++)
        {
            await Bed.PassAsync(TimeSpan.FromMinutes(1));
            evidence = evidence.Add(await sampler.SampleAsync(Bed.Cancellation), ErrorRateRule.DefaultTolerance);
        }

        return evidence;
    }

    /// <summary>Asks by GET, as a person would.</summary>
    public async Task<(HttpStatusCode Code, string Text, string? Type)> GetAsync(string pathAndQuery)
    {
        using var response = await _http.GetAsync(new Uri("http://prometheus.test" + pathAndQuery), Bed.Cancellation);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Bed.Cancellation), response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The result of a query.</summary>
    public async Task<IReadOnlyList<JsonNode>> QueryAsync(string query) =>
        [.. JsonNode.Parse((await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}")).Text).Each("data.result")];

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
        Shop.Dispose();
    }
}
