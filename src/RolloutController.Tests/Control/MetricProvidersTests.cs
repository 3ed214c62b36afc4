using NUnit.Framework;
using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Control;

namespace RolloutController.Tests.Control;

/// <summary>What is wrong with metrics is said before any traffic moves, with the field and what to write.</summary>
internal sealed class MetricProvidersTests
{
    private const string Selector = """memory{pod=~"$pods"}""";

    [TestCase("""max(memory{pod=~"$pods"})""", null, "selector: The selector is wrong at character 4: functions")]
    [TestCase("memory", null, "selector: The selector for memory cannot tell the two versions apart")]
    [TestCase("""memory{service="$service"}""", null, "selector: The selector uses $service, but without traffic.routes")]
    [TestCase(Selector, "limit", "per: The selector for limit cannot tell the two versions apart")]
    [TestCase(Selector, """limit{pod=~"$pods"}""", null)]
    public void Selectors_of_metrics(string selector, string? per, string? expected) =>
        Expect(new CheckSpec { Name = "heap", Metric = new MetricCheckSpec { Selector = selector, Per = per } }, expected is null ? null : $"metric.{expected}");

    [TestCase("""sum(memory{pod=~"$pods"})""", "50%", null)]
    [TestCase("sum(up)", null, null)]
    [TestCase("sum(up)", "50%", "query.expression: With maxIncrease the query is asked for both versions, which it cannot tell apart")]
    [TestCase("sum(up{a=$pods})", null, "query.expression: The query is wrong at character 10: a variable stands within quotes")]
    [TestCase("""sum(up{a="$service"})""", null, "query.expression: The selector uses $service, but without traffic.routes")]
    public void Expressions_of_queries(string expression, string? maxIncrease, string? expected) =>
        Expect(new CheckSpec { Name = "heap", MaxIncrease = maxIncrease, Query = new QueryCheckSpec { Expression = expression } }, expected);

    [TestCase("plain", null, null, null)]
    [TestCase("istio", null, null, "latency: the histogram that provider main knows is one of Services")]
    [TestCase("envoy-gateway", null, null, "latency: provider main knows no histogram of durations that tells the two versions apart; write requests and within")]
    [TestCase("envoy-gateway", Selector, Selector, null)]
    [TestCase("plain", "memory", Selector, "latency.requests: The selector for memory cannot tell")]
    [TestCase("plain", Selector, """memory{a="$service"}""", "latency.within: The selector uses $service, but without traffic.routes")]
    public void Histograms(string preset, string? requests, string? within, string? expected) => Expect(
        new CheckSpec { Name = "heap", Latency = new LatencyCheckSpec { SlowerThan = TimeSpan.FromSeconds(1), Requests = requests, Within = within } }, expected, preset: preset);

    [TestCase(Selector, "memory", "errorRate.errors: The selector for memory cannot tell")]
    [TestCase(Selector, Selector, null)]
    public void Error_rates_of_some_requests(string requests, string errors, string? expected) =>
        Expect(new CheckSpec { Name = "heap", ErrorRate = new ErrorRateSpec { Requests = requests, Errors = errors } }, expected);

    [Test]
    public void A_free_expression_cannot_be_kept_to_a_namespace() => Expect(
        new CheckSpec { Name = "heap", Query = new QueryCheckSpec { Expression = "sum(up)" } },
        "query: provider main keeps each namespace to its own metrics, which cannot be said of a free expression; write metric", namespaceLabel: "namespace");

    [Test]
    public void The_Service_may_be_named_where_each_version_has_one()
    {
        var spec = new RolloutSpec
        {
            Traffic = new TrafficSpec { Service = "shop", Routes = [new RouteReference { Name = "shop" }] },
            Gates = [new CheckSpec { Name = "heap", Metric = new MetricCheckSpec { Selector = """memory{service="$service"}""" } }],
        };

        Assert.That(Metrics(null).Problems(spec), Is.Empty);
    }

    [Test]
    public void A_check_that_needs_a_provider_which_is_not_there_is_refused()
    {
        var spec = new RolloutSpec { Gates = [new CheckSpec { Name = "heap", Metric = new MetricCheckSpec { Selector = Selector } }] };

        Assert.That(MetricProviders.None.Problems(spec).Single().ToString(), Does.StartWith("spec.analysis.provider: there is no default provider; none is configured"));
        Assert.That(MetricProviders.None.Problems(new RolloutSpec { Gates = [new CheckSpec { Name = "heap", Http = new HttpCheckSpec() }] }), Is.Empty);
    }

    [TestCase("loki", """{pod=~"$pods"}""", null, null)]
    [TestCase(null, """{pod=~"$pods"}""", null, null)]
    [TestCase("other", """{pod=~"$pods"}""", null, "logs.provider: there is no provider of logs 'other'; configured are: loki")]
    [TestCase(null, """{app="shop"}""", null, "logs.streams: The selector cannot tell the two versions apart")]
    [TestCase(null, """{service="$service"}""", null, "logs.streams: The selector uses $service, but without traffic.routes")]
    [TestCase(null, """{pod=~"$pods"}""", "|= (", "logs.streams: The pipeline is wrong at character 4")]
    public void Log_lines(string? provider, string streams, string? lines, string? expected) =>
        ExpectOfAll(new CheckSpec { Name = "heap", Logs = new LogsCheckSpec { Provider = provider, Streams = streams, Lines = lines } }, expected);

    [TestCase("approvals", null)]
    [TestCase("other", "hook.name: there is no hook 'other'; configured are: approvals")]
    public void Hooks(string name, string? expected) => ExpectOfAll(new CheckSpec { Name = "heap", Hook = new HookCheckSpec { Name = name } }, expected);

    [Test]
    public void What_nobody_set_up_is_named()
    {
        var spec = new RolloutSpec { Gates = [new CheckSpec { Name = "heap", Hook = new HookCheckSpec { Name = "a" } }] };
        Assert.That(Providers.None.Problems(spec).Single().ToString(), Is.EqualTo("spec.gates[heap].hook.name: there is no hook 'a'; none is configured; the operator adds one under Rollout:Hooks"));
    }

    private static void ExpectOfAll(CheckSpec check, string? expected)
    {
        var address = new Uri("http://endpoint.test");
        var providers = new Providers(
            MetricProviders.None,
            new(new() { ["loki"] = new LokiProvider(new LokiOptions("loki", address), TimeProvider.System) }, "loki"),
            new(new() { ["approvals"] = new Hook(new HookOptions("approvals", address), TimeProvider.System) }, null));
        var problems = providers.Problems(new RolloutSpec { Gates = [check] }).Select(problem => problem.ToString());
        Assert.That(problems, expected is null ? Is.Empty : Has.Exactly(1).StartsWith($"spec.gates[heap].{expected}"));
    }

    private static void Expect(CheckSpec check, string? expected, string? namespaceLabel = null, string? preset = null)
    {
        var providers = Metrics(namespaceLabel, preset);
        foreach (var (spec, field) in ((RolloutSpec, string)[])[
            (new RolloutSpec { Gates = [check] }, "spec.gates[heap]"),
            (new RolloutSpec { Analysis = new AnalysisSpec { Checks = [check] } }, "spec.analysis.checks[heap]")])
        {
            var problems = providers.Problems(spec).Select(problem => problem.ToString()).ToList();
            Assert.That(problems, expected is null ? Is.Empty : Has.Exactly(1).StartsWith($"{field}.{expected}"));
        }
    }

    private static MetricProviders Metrics(string? namespaceLabel, string? preset = null) => new(
        new Dictionary<string, IMetricProvider>
        {
            ["main"] = new PrometheusProvider(new PrometheusOptions("main", new Uri("http://prometheus.test")) { NamespaceLabel = namespaceLabel, Preset = preset }, TimeProvider.System),
        },
        "main");
}
