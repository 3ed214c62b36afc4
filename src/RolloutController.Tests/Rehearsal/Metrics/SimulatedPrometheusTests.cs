using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Metrics;

internal sealed class SimulatedPrometheusTests
{
    [TestCase("plain", false)]
    [TestCase("istio", false)]
    [TestCase("istio-grpc", true)]
    [TestCase("contour", false)]
    [TestCase("envoy-gateway", false)]
    [TestCase("envoy-gateway", true)]
    [TestCase("ingress-nginx", false)]
    public void Controller_counts_what_was_sent_by_each_preset(string preset, bool isGrpc) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed, isGrpc);
        using var provider = one.Provider(preset);

        await ExpectAllAsync(one, provider, null);
    });

    [TestCase("""shop_hits{pod_name=~"$pods"}""", """shop_hits{pod_name=~"$pods",result="bad"}""")]
    [TestCase("""shop_hits{hash="$revision"}""", """shop_failures{hash="$revision"}""")]
    [TestCase("""shop_hits{target="$namespace/$service",side!="client"}""", """shop_hits{target="$namespace/$service",side!="client",result=~"5..|bad"}""")]
    [TestCase("""shop_hits{upstream=~"$addresses"}""", """shop_hits{upstream=~"$addresses",result="bad"}""")]
    [TestCase("""http_requests_total{namespace="$namespace",pod=~"$pods"}""", """http_requests_total{namespace="$namespace",pod=~"$pods",outcome="failure"}""")]
    public void Controller_counts_what_was_sent_by_selectors_of_the_Rollout(string requests, string errors) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        var selectors = ErrorRateSelectors.Parse(requests, errors);
        one.Prometheus.Register(selectors);
        using var provider = one.Provider(namespaceLabel: "kubernetes_namespace");

        await ExpectAllAsync(one, provider, selectors);
    });

    [TestCase("plain")]
    [TestCase("istio")]
    [TestCase("contour")]
    [TestCase("ingress-nginx")]
    public void Controller_counts_slow_requests_by_the_histogram_of_each_preset(string preset) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        using var provider = one.Provider(preset);

        await ExpectSlowAsync(one, provider, provider.Latency(TimeSpan.FromMilliseconds(100))!);
    });

    [Test]
    public void Controller_counts_slow_requests_by_selectors_of_the_Rollout() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        var latency = new LatencyCheckSpec
        {
            SlowerThan = TimeSpan.FromMilliseconds(100),
            Requests = """shop_seconds_count{pod_name=~"$pods"}""",
            Within = """shop_seconds_bucket{pod_name=~"$pods",le="0.1"}""",
        };
        one.Prometheus.Register(new RolloutSpec { Analysis = new AnalysisSpec { Checks = [new CheckSpec { Name = "slow", Latency = latency }] } });
        using var provider = one.Provider();

        await ExpectSlowAsync(one, provider, new LatencySelectors(SelectorTemplate.Parse(latency.Requests), SelectorTemplate.Parse(latency.Within)));
    });

    private static async Task ExpectSlowAsync(PrometheusBed one, PrometheusProvider provider, LatencySelectors selectors)
    {
        var evidence = await one.CountAsync(provider, selectors);

        Assert.That(evidence.Class, Is.EqualTo(DataClass.Ok), evidence.Message);
        Assert.That(evidence.Requests, Is.EqualTo(one.Shop.Requests.Totals().Single(total => total.Revision == "new").Counts.Total));
        Assert.That(evidence.ErrorRate, Is.EqualTo(Latency.Usual.ShareAbove(TimeSpan.FromMilliseconds(100))).Within(0.001));
    }

    [Test]
    public void Selector_that_names_another_namespace_finds_nothing() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        var selectors = ErrorRateSelectors.Parse("""shop_hits{namespace="elsewhere",pod=~"$pods"}""", """shop_hits{namespace="elsewhere",pod=~"$pods",result="bad"}""");
        one.Prometheus.Register(selectors);
        using var provider = one.Provider();

        Assert.That((await one.CountAsync(provider, selectors)).Class, Is.EqualTo(DataClass.NoData));
    });

    [Test]
    public void Counts_are_visible_after_a_scrape_and_the_lag() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        await bed.PassAsync(TimeSpan.FromSeconds(15.5));
        Assert.That(await one.QueryAsync("http_requests_total[5m]"), Is.Empty);

        await bed.PassAsync(TimeSpan.FromSeconds(1));
        Assert.That(await one.QueryAsync("""http_requests_total{code="200"}[5m]"""), Has.Count.EqualTo(3));
        await bed.PassAsync(TimeSpan.FromMinutes(2));

        var series = (await one.QueryAsync("""http_requests_total{code="200",pod=~"shop-new-.*"}[1m]""")).Single();
        var times = series.Each("values").Select(value => value.AsArray()[0]!.GetValue<double>()).ToList();
        Assert.That(times.Zip(times.Skip(1), (a, b) => b - a), Is.EqualTo([15.0, 15.0, 15.0]).Within(0.001));
        Assert.That(series.Each("values").Select(value => long.Parse(value.AsArray()[1]!.GetValue<string>(), CultureInfo.InvariantCulture)), Is.Ordered.Ascending);
    });

    [Test]
    public void Series_of_a_pod_end_with_it() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        await bed.PassAsync(TimeSpan.FromMinutes(2));
        var pod = bed.Pods.First(pod => pod.Label("pod-template-hash") == "old").Name();
        bed.Cluster.Delete("pods", Bed.Namespace, pod);
        await bed.PassAsync(TimeSpan.FromSeconds(30));

        Assert.That(await one.QueryAsync($"http_requests_total{{pod=\"{pod}\"}}"), Is.Empty);
        Assert.That(await one.QueryAsync($"http_requests_total{{pod=\"{pod}\"}}[2m]"), Has.Count.EqualTo(1));
        await bed.PassAsync(TimeSpan.FromMinutes(2));
        Assert.That(await one.QueryAsync($"http_requests_total{{pod=\"{pod}\"}}[2m]"), Is.Empty);
        Assert.That(await one.QueryAsync("http_requests_total{pod=~\"shop-old-.*\"}"), Has.Count.EqualTo(2), "its successor is there");
    });

    [Test]
    public void Counters_of_a_pod_begin_anew_with_its_containers_and_those_of_a_gateway_do_not() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        await bed.PassAsync(TimeSpan.FromMinutes(2));
        bed.Kubelet.Turn(pod => pod.Json.Label("pod-template-hash") == "new", PodConduct.Restart);
        await bed.PassAsync(TimeSpan.FromMinutes(1));

        Assert.That(Falls(await one.QueryAsync("""http_requests_total{pod=~"shop-new-.*"}[5m]""")), Is.True);
        Assert.That(Falls(await one.QueryAsync("istio_requests_total[5m]")), Is.False);

        static bool Falls(IReadOnlyList<JsonNode> series) => series.Any(one =>
        {
            var values = one.Each("values").Select(value => long.Parse(value.AsArray()[1]!.GetValue<string>(), CultureInfo.InvariantCulture)).ToList();
            return values.Zip(values.Skip(1), (a, b) => b < a).Any(falls => falls);
        });
    });

    [TestCase(false, "response_code", "200", "500", "503")]
    [TestCase(true, "grpc_response_status", "0", "13", "14")]
    public void Gateway_counts_what_it_could_not_send(bool isGrpc, string label, params string[] expected) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed, isGrpc);
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        bed.Kubelet.Turn(pod => pod.Json.Label("pod-template-hash") == "new", PodConduct.Unready);
        await bed.PassAsync(TimeSpan.FromMinutes(6));

        var series = await one.QueryAsync("""istio_requests_total{destination_service_name="shop-canary"}[1h]""");

        Assert.That(series.Select(item => item.Text($"metric.{label}")), Is.EquivalentTo(expected));
        var sent = one.Shop.Of("new");
        Assert.That(
            series.OrderBy(item => item.Text($"metric.{label}"), StringComparer.Ordinal).Select(item => long.Parse(item.Each("values").Last().AsArray()[1]!.GetValue<string>(), CultureInfo.InvariantCulture)),
            Is.EqualTo([sent.Total - sent.Failed - sent.Lost, sent.Failed, sent.Lost]));
    });

    [TestCase(PrometheusFault.Down, "cannot be reached")]
    [TestCase(PrometheusFault.Hangs, "did not answer in time")]
    [TestCase(PrometheusFault.Fails, "answered with status 500")]
    public void Faults_look_as_those_of_a_real_one_and_pass(PrometheusFault fault, string message) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        using var provider = one.Provider();
        await bed.PassAsync(TimeSpan.FromMinutes(1));

        one.Prometheus.Fault = fault;
        var reading = await provider.ReadAsync(new MetricQuery.Counters("http_requests_total", TimeSpan.FromMinutes(2)), bed.Cancellation);
        Assert.That((reading as MetricReading.Unavailable)?.Message, Does.Contain(message));

        one.Prometheus.Fault = PrometheusFault.None;
        await bed.UntilAsync(() => bed.Clock.Elapsed > TimeSpan.FromMinutes(3), "the circuit to close");
        Assert.That(await provider.ReadAsync(new MetricQuery.Counters("http_requests_total", TimeSpan.FromMinutes(2)), bed.Cancellation), Is.InstanceOf<MetricReading.Found>());
    });

    [Test]
    public void Nothing_is_scraped_while_it_is_down() => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        one.Prometheus.Fault = PrometheusFault.Down;
        await bed.PassAsync(TimeSpan.FromMinutes(1));
        one.Prometheus.Fault = PrometheusFault.None;
        await bed.PassAsync(TimeSpan.FromMinutes(1));

        var times = (await one.QueryAsync("""http_requests_total{code="200",pod=~"shop-new-.*"}[5m]""")).Single().Each("values").Select(value => value.AsArray()[0]!.GetValue<double>()).ToList();

        Assert.That(times.Zip(times.Skip(1), (a, b) => b - a).Max(), Is.EqualTo(75).Within(0.001));
    });

    [TestCase("")]
    [TestCase("rate(http_requests_total[5m])")]
    [TestCase("http_requests_total{")]
    [TestCase("http_requests_total[five]")]
    [TestCase("""http_requests_total{code=~"("}""")]
    public void Query_that_is_not_understood_is_refused_as_by_a_real_one(string query) => Bed.Run(async bed =>
    {
        using var one = await PrometheusBed.StartAsync(bed);

        var (code, text, type) = await one.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");

        Assert.That((code, type, JsonNode.Parse(text).Text("status"), JsonNode.Parse(text).Text("errorType")), Is.EqualTo((HttpStatusCode.BadRequest, "application/json", "error", "bad_data")));
        Assert.That(JsonNode.Parse(text).Text("error"), Does.StartWith("invalid parameter \"query\""));
    });

    private static async Task ExpectAllAsync(PrometheusBed one, PrometheusProvider provider, ErrorRateSelectors? selectors)
    {
        var evidence = await one.CountAsync(provider, selectors);

        var sent = one.Shop.Of("new");
        Assert.That((evidence.Class, evidence.Requests, evidence.Errors), Is.EqualTo((DataClass.Ok, sent.Total, sent.Failed)), evidence.Message);
        Assert.That(sent.Failed, Is.GreaterThan(1_000));
    }
}
