using System.Globalization;
using System.Net;
using System.Text;
using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Planning;
using RolloutController.Tests.Planning;

namespace RolloutController.Tests.Analysis.Metrics;

/// <summary>
/// What is known to go wrong with questions to Prometheus, row by row: each gets its class, and what is not fresh counts never promotes,
/// however long it lasts.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PitfallTests
{
    private const string Hostile = "HOSTILE";
    private static readonly DateTimeOffset Now = Given.Now;
    private static readonly ArmIdentity Canary = new("default", "shop-canary", "b", ArmIdentity.PodsOf("shop-b"));

    private static IEnumerable<TestCaseData> Unknown()
    {
        static TestCaseData Counts(string name, DataClass expected, params Reply[] replies) => new TestCaseData(Kind.Counts, expected, replies).SetArgDisplayNames(name);
        static TestCaseData Query(string name, DataClass expected, params Reply[] replies) => new TestCaseData(Kind.Query, expected, replies).SetArgDisplayNames(name);
        static TestCaseData Gauges(string name, DataClass expected, params Reply[] replies) => new TestCaseData(Kind.Gauges, expected, replies).SetArgDisplayNames(name);
        static TestCaseData Latency(string name, DataClass expected, params Reply[] replies) => new TestCaseData(Kind.Latency, expected, replies).SetArgDisplayNames(name);

        yield return Counts("row 1: an empty answer", DataClass.NoData, Matrix());
        yield return Query("row 1: an empty vector", DataClass.NoData, Vector());
        yield return Gauges("row 1: gauges without series", DataClass.NoData, Matrix());
        yield return Query("row 2: 0/0", DataClass.NoData, Vector(("", "NaN")));
        yield return Gauges("row 2: gauges that are no number", DataClass.NoData, Matrix(Series("\"pod\":\"a\"", (5, "NaN"))));
        yield return Counts("row 2: counters that are no number", DataClass.ProviderError, Matrix(Series("\"code\":\"200\"", (5, "NaN"))));
        yield return Query("row 3: x/0", DataClass.ProviderError, Vector(("", "+Inf")));
        yield return Gauges("row 3: infinite gauges", DataClass.ProviderError, Matrix(Series("", (5, "-Inf"))));
        yield return Counts("row 4: errors that could never be seen", DataClass.ConfigError, Matrix(Series("\"status\":\"200\"", (5, "100"))), Matrix());
        yield return Counts("row 10: a target that died", DataClass.Stale, Matrix(Series("\"code\":\"200\"", (80, "50"), (65, "100"))), Matrix());
        yield return Gauges("row 10: gauges of a target that died", DataClass.Stale, Matrix(Series("", (65, "50"))));
        yield return Query("row 14: several series", DataClass.ConfigError, Vector(("\"pod\":\"HOSTILE\"", "1"), ("\"pod\":\"b\"", "1")));
        yield return Latency("row 19: no bucket at the bound", DataClass.ConfigError, Matrix(Series("", (5, "100"))), Matrix());
        yield return Counts("row 20: native histograms", DataClass.ConfigError, Reply.Json("""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"1"}]]}]}}"""));
        yield return Query("row 20: a native histogram", DataClass.ConfigError, Reply.Json("""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"1"}]}]}}"""));
        yield return Counts("row 21: a recording rule that ended", DataClass.Stale, Matrix(Series("\"code\":\"200\"", (90, "50"))), Matrix());
        yield return Counts("row 22: no answer in time", DataClass.ProviderError, Reply.Never);
        yield return Counts("row 23: bad data", DataClass.ConfigError, Reply.Json(Hostile, 400));
        yield return Counts("row 23: too many samples", DataClass.ConfigError, Reply.Json(Hostile, 422));
        yield return Counts("row 23: no credentials", DataClass.ConfigError, Reply.Json(Hostile, 401));
        yield return Counts("row 23: starting", DataClass.ProviderError, new Reply(503, "text/plain", Hostile));
        yield return Counts("row 23: too many requests", DataClass.ProviderError, Reply.Json(Hostile, 429));
        yield return Counts("row 24: a body that is too large", DataClass.ConfigError, Reply.Json(new string(' ', 1024 * 1024) + "{}"));
        yield return Counts("row 24: more series than a version has", DataClass.ConfigError, Matrix([.. Enumerable.Range(0, 501).Select(one => Series($"\"pod\":\"{one}\"", (5, "1")))]));
        yield return Counts("row 24: a login page", DataClass.ProviderError, new Reply(200, "text/html", $"<html>{Hostile}</html>"));
        yield return Counts("row 24: a redirect", DataClass.ConfigError, new Reply(302, "text/html", Hostile));
        yield return Counts("row 24: half of an answer", DataClass.ProviderError, Reply.Json("""{"status":"success","data":{"resultType":"matrix","result":[{"""));
        yield return Query("row 26: two replicas without deduplication", DataClass.ConfigError, Vector(("\"replica\":\"0\"", "1"), ("\"replica\":\"1\"", "1")));
        yield return Counts("2.1: a part of the stores", DataClass.ProviderError, Reply.Json("""{"status":"success","warnings":["HOSTILE"],"data":{"resultType":"matrix","result":[]}}"""));
    }

    [TestCaseSource(nameof(Unknown))]
    [CancelAfter(60_000)]
    public async Task What_is_not_known_never_promotes(object kind, DataClass expected, object[] replies, CancellationToken token)
    {
        var (evidence, message) = await LookAsync((Kind)kind, [.. replies.Cast<Reply>()], token);

        Assert.That(ClassOf(evidence, (Kind)kind), Is.EqualTo(expected), message);
        Assert.That(message, Does.Not.Contain(Hostile));
        foreach (var later in (TimeSpan[])[TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4), TimeSpan.FromHours(1)])
        {
            var plan = Planner.Decide(Seen(evidence, (Kind)kind, later));
            Assert.That(plan.Status.State, Is.InstanceOf<Progressing>().With.Property(nameof(Progressing.Weight)).EqualTo(25));
        }
    }

    private static IEnumerable<TestCaseData> Known()
    {
        static TestCaseData Case(string name, long requests, long errors, params Reply[] replies) => new TestCaseData(Kind.Counts, requests, errors, replies).SetArgDisplayNames(name);
        static Reply All(params (int, string)[] points) => Matrix(Series("\"code\":\"200\"", points));
        static Reply Failed(params (int, string)[] points) => Matrix(Series("\"code\":\"500\"", points));

        yield return Case("row 4: no error yet", 1000, 0, All((20, "400"), (5, "1000")), Matrix());
        yield return Case("row 5: a series that is born at 1", 100, 1, All((5, "100")), Failed((5, "1")));
        yield return Case("row 6: one scrape in the range", 100, 2, All((5, "100")), Failed((5, "2")));
        yield return Case("row 7: whole counts", 100, 3, All((50, "20"), (35, "47"), (20, "81"), (5, "100")), Failed((50, "1"), (5, "3")));
        yield return Case("row 8: a reset", 115, 0, All((35, "70"), (20, "100"), (5, "15")), Matrix());
        yield return Case(
            "row 9: pods that come and go", 180, 0, Matrix(Series("\"code\":\"200\",\"pod\":\"a\"", (35, "100")), Series("\"code\":\"200\",\"pod\":\"b\"", (20, "30"), (5, "80"))), Matrix());
        yield return Case("row 11: an error whose request is not there yet", 100, 1, All((20, "100")), Failed((20, "1"), (5, "9")));
        yield return Case("row 21: a recording rule's delay", 100, 0, All((60, "100")), Matrix());
        yield return Case("duplicated: a series twice", 100, 0, Matrix(Series("\"code\":\"200\"", (5, "100")), Series("\"code\":\"200\"", (5, "100"))), Matrix());
        yield return Case("exponents", 120, 0, All((5, "1.2e+2")), Matrix());
    }

    [TestCaseSource(nameof(Known))]
    [CancelAfter(60_000)]
    public async Task What_looks_odd_is_counted_exactly(object kind, long requests, long errors, object[] replies, CancellationToken token)
    {
        var (evidence, message) = await LookAsync((Kind)kind, [.. replies.Cast<Reply>()], token);

        Assert.That((evidence.Class, evidence.Requests, evidence.Errors), Is.EqualTo((DataClass.Ok, requests, errors)), message);
        Assert.That(Planner.Decide(Seen(evidence, (Kind)kind, TimeSpan.Zero)).Status.State, Is.InstanceOf<Progressing>().With.Property(nameof(Progressing.Weight)).EqualTo(50), "and goes on");
    }

    [Test]
    public void Row_12_what_was_counted_before_the_weight_was_carried_does_not_count()
    {
        var late = Evidence.StartingAt(Now).Add(new Sample(Now, DataClass.Ok, "", 1000, 0), 1.5);

        Assert.That((late.Class, late.Requests), Is.EqualTo((DataClass.NoData, 0L)));
    }

    [Test]
    public async Task Row_13_nothing_is_divided_in_PromQL()
    {
        var handler = new Handler([Matrix(Series("\"code\":\"200\"", (5, "100"))), Matrix()], Now);

        await SampleAsync(handler, Presets.Find("plain"), CancellationToken.None);

        Assert.That(handler.Queries, Has.Count.EqualTo(2).And.All.Match("""^[a-z_]+\{[^{}]*(\{5\})?[^{}]*\}\[\d+s\]$"""));
    }

    [TestCase("istio", "reporter=\"source\"", TestName = "Row 15: one reporter alone")]
    [TestCase("istio", "response_code=~\"5..\"", TestName = "Row 16: what the data plane could not send counts")]
    [TestCase("contour", "envoy_cluster_upstream_rq_xx", TestName = "Row 17: attempts count, not answers after retries")]
    [TestCase("istio-grpc", "grpc_response_status=~\"2|4|12|13|14|15\"", TestName = "Row 18: gRPC fails with status 200")]
    [TestCase("plain", "code=~\"5..\"", TestName = "Row 18: clients that go away (499) are no errors")]
    public void Presets_ask_for_the_right_thing(string preset, string expected) =>
        Assert.That(Presets.Find(preset).Errors.Render(Canary), Does.Contain(expected));

    [TestCase(-3)]
    [TestCase(3)]
    public async Task Row_25_a_controller_whose_clock_is_wrong_takes_the_providers(int hours)
    {
        var handler = new Handler([Matrix(Series("\"code\":\"200\"", (35, "60"), (5, "100"))), Matrix()], Now);

        var sample = await SampleAsync(handler, Presets.Find("plain"), CancellationToken.None, TimeSpan.FromHours(hours));

        Assert.That((sample.Class, sample.Requests), Is.EqualTo((DataClass.Ok, 100L)), sample.Message);
    }

    [Test]
    public void Row_27_a_selector_that_cannot_tell_versions_apart_is_refused() =>
        Assert.That(() => SelectorTemplate.Parse("""http_requests_total{namespace="$namespace"}"""), Throws.TypeOf<SelectorException>());

    [Test]
    public void Row_28_without_a_stable_version_beside_it_the_comparison_stands_still()
    {
        var before = SequentialEvidence.None.Add(new LookCounts(100, 5, 1900, 10), 1.5);

        Assert.That(before.Add(new LookCounts(100, 50), 1.5).Relative, Is.EqualTo(before.Relative));
    }

    private static DataClass ClassOf(Evidence evidence, Kind kind) =>
        kind is Kind.Query or Kind.Gauges ? Enum.Parse<DataClass>(evidence.Checks.Find("check")!.Class) : evidence.Class;

    /// <summary>The end of the hold of a step that passes whatever is not judged, some time after the look.</summary>
    private static Observation Seen(Evidence evidence, Kind kind, TimeSpan later)
    {
        var check = new CheckSpec
        {
            Name = "check",
            Critical = new LimitSpec { Above = new Number(90) },
            Metric = kind == Kind.Gauges ? new MetricCheckSpec { Selector = """m{pod=~"$pods"}""" } : null,
            Query = kind == Kind.Query ? new QueryCheckSpec { Expression = "m" } : null,
            Latency = kind == Kind.Latency ? new LatencyCheckSpec { Max = "100%" } : null,
        };
        var analysis = new AnalysisSpec { ErrorRate = kind == Kind.Counts ? new ErrorRateSpec { Max = "100%", MinRequests = 1 } : null, Checks = kind == Kind.Counts ? [] : [check] };
        var seen = Given.Rollout(Given.Step(25, StepStage.Judging, TimeSpan.FromMinutes(1)), "b", Given.Set("a", 10), Given.Set("b", 3))
            .With(Given.TrafficSeen("a", "b", 25, canaryReady: 3)).With(spec => spec with { Analysis = analysis });
        return seen with { Evidence = kind == Kind.Latency ? evidence with { Counts = EvidenceCounts.None.With("check", evidence) } : evidence, Now = Now + later };
    }

    private static async Task<(Evidence Evidence, string Message)> LookAsync(Kind kind, IReadOnlyList<Reply> replies, CancellationToken token)
    {
        var handler = new Handler(replies, Now);
        var evidence = Evidence.StartingAt(Now.AddMinutes(-1));
        if (kind is Kind.Counts or Kind.Latency)
        {
            var sample = await SampleAsync(handler, kind == Kind.Counts ? Presets.Find("plain") : Presets.Latency("plain", TimeSpan.FromMilliseconds(500))!, token);
            return (evidence.Add(sample, 1.5), sample.Message);
        }

        var clock = new ManualTimeProvider(Now);
        using var provider = Provider(handler, clock);
        var check = kind == Kind.Query
            ? ValueCheck.OfQuery(provider, QueryTemplate.Parse("m"), Canary, null, clock)
            : ValueCheck.OfGauges(provider, new GaugeSelectors(SelectorTemplate.Parse("""m{pod=~"$pods"}"""), null, Reduction.Max), Canary, null, TimeSpan.FromSeconds(15), clock);
        var look = await check.LookAsync(token);
        return (evidence.Add(new CheckRule("check", TimeSpan.FromSeconds(15), 1, TimeSpan.Zero, 1, NoDataAction.Hold, new ValueLimits(null, null, null)), look), look.Message);
    }

    private static async Task<Sample> SampleAsync(Handler handler, CountSelectors selectors, CancellationToken token, TimeSpan skew = default)
    {
        var clock = new ManualTimeProvider(Now + skew);
        using var provider = Provider(handler, clock);
        var looking = new ErrorRateSampler(provider, selectors, Canary, null, Now.AddMinutes(-10), TimeSpan.FromSeconds(15), clock).SampleAsync(token);
        // Retries and time limits wait on the provider's clock.
        for (var i = 0; !looking.IsCompleted && i < 400; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, token);
        }

        return (await looking) with { Time = Now };
    }

    private static PrometheusProvider Provider(Handler handler, TimeProvider clock) => new(new PrometheusOptions("prom", new Uri("http://prometheus.test")), clock, handler, new Random(1));

    private static string Series(string labels, params (int SecondsAgo, string Value)[] points) =>
        $$"""{"metric":{{{labels}}},"values":[{{string.Join(',', points.Select(point => Point(point.SecondsAgo, point.Value)))}}]}""";

    private static Reply Matrix(params string[] series) => Reply.Json(FakePrometheus.Matrix(series));

    private static Reply Vector(params (string Labels, string Value)[] series) => Reply.Json(
        $$$"""{"status":"success","data":{"resultType":"vector","result":[{{{string.Join(',', series.Select(one => $$"""{"metric":{{{one.Labels}}},"value":{{Point(0, one.Value)}}}"""))}}}]}}""");

    private static string Point(int secondsAgo, string value) =>
        string.Create(CultureInfo.InvariantCulture, $"[{Now.AddSeconds(-secondsAgo).ToUnixTimeSeconds()},\"{value}\"]");

    /// <summary>What is asked for.</summary>
    private enum Kind
    {
        Counts,
        Latency,
        Gauges,
        Query,
    }

    /// <summary>An answer; one without a status never comes.</summary>
    private sealed record Reply(int Status, string Type, string Body)
    {
        public static Reply Never { get; } = new(0, "", "");

        public static Reply Json(string body, int status = 200) => new(status, "application/json", body);
    }

    /// <summary>Gives one answer after the other, the last one again and again.</summary>
    private sealed class Handler(IReadOnlyList<Reply> replies, DateTimeOffset now) : HttpMessageHandler
    {
        public List<string> Queries { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var form = await request.Content!.ReadAsStringAsync(cancellationToken);
            Queries.Add(Uri.UnescapeDataString(form.Split('&')[0]["query=".Length..].Replace('+', ' ')));
            var reply = replies[Math.Min(Queries.Count, replies.Count) - 1];
            if (reply == Reply.Never)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)reply.Status)
            {
                Headers = { Date = now },
                Content = new StringContent(reply.Body, Encoding.UTF8, reply.Type),
            };
        }
    }
}
