using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Metrics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ValueCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ArmIdentity Canary = new("prod", "shop-canary", "new", "new");
    private static readonly ArmIdentity Stable = new("prod", "shop", "old", "old");

    private readonly ManualTimeProvider _clock = new(Now);
    private readonly Answers _provider = new();

    private ValueCheck Gauges(Reduction reduce = Reduction.Max, bool per = false, bool compares = false) => ValueCheck.OfGauges(
        _provider, new GaugeSelectors(SelectorTemplate.Parse("""used{pod=~"$pods"}"""), per ? SelectorTemplate.Parse("""limit{pod=~"$pods"}""") : null, reduce),
        Canary, compares ? Stable : null, TimeSpan.FromSeconds(15), _clock);

    private ValueCheck Query(bool compares = false) =>
        ValueCheck.OfQuery(_provider, QueryTemplate.Parse("""sum(used{pod=~"$pods"})"""), Canary, compares ? Stable : null, _clock);

    private static Task<CheckLook> Look(ValueCheck check) => check.LookAsync(CancellationToken.None);

    private static MetricReading.Found Found(params (string Labels, double Value, int Age)[] series) => new MetricReading.Found(
        [.. series.Select(one => new MetricSeries(Labels(one.Labels), [new MetricPoint(Now.AddSeconds(-one.Age), one.Value)]))], Now);

    private static Dictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);

    [TestCase(Reduction.Max, 7, "used is 7, the highest of 3 series")]
    [TestCase(Reduction.Min, 2, "used is 2, the lowest of 3 series")]
    [TestCase(Reduction.Average, 4, "used is 4, the average of 3 series")]
    [TestCase(Reduction.Sum, 12, "used is 12, added up")]
    public async Task Series_become_one_value(Reduction reduce, double value, string message)
    {
        _provider["used new"] = Found(("pod=a", 2, 5), ("pod=b", 7, 5), ("pod=c", 3, 5));

        Assert.That(await Look(Gauges(reduce)), Is.EqualTo(new CheckLook.Measured(Now, value, null, message)));
    }

    [TestCase(Reduction.Max, 80, "used is 80 % of limit, the highest of 2 pods")]
    [TestCase(Reduction.Average, 55, "used is 55 % of limit, the average of 2 pods")]
    [TestCase(Reduction.Sum, 36.666666666666664, "used is 36.67 % of limit, added up")]
    public async Task Values_are_divided_pod_by_pod(Reduction reduce, double value, string message)
    {
        _provider["used new"] = Found(("pod=a,container=app", 50, 5), ("pod=a,container=proxy", 30, 5), ("pod=b", 30, 5));
        _provider["limit new"] = Found(("pod=b", 100, 5), ("pod=a", 100, 5), ("pod=gone", 100, 5));

        if (reduce == Reduction.Max)
            Assert.That(await Look(Gauges(reduce, per: true)), Is.EqualTo(new CheckLook.Measured(Now, value, null, message)));
        else
            Assert.That(((CheckLook.Measured)await Look(Gauges(reduce, per: true))).Message, Is.EqualTo(message));
    }

    [Test]
    public async Task A_pod_that_nothing_is_known_to_divide_by_is_not_left_out()
    {
        _provider["used new"] = Found(("pod=a", 50, 5), ("pod=b", 90, 5));
        _provider["limit new"] = Found(("pod=a", 100, 5));

        Expect(await Look(Gauges(per: true)), DataClass.NoData, "1 of 2 pods have no value of limit");
    }

    [Test]
    public async Task Nothing_is_divided_by_0()
    {
        _provider["used new"] = Found(("pod=a", 50, 5));
        _provider["limit new"] = Found(("pod=a", 0, 5));

        Expect(await Look(Gauges(per: true)), DataClass.ProviderError, "limit is 0");
    }

    [Test]
    public async Task What_a_gone_pod_had_last_does_not_count()
    {
        _provider["used new"] = Found(("pod=a", 5, 60), ("pod=gone", 100, 61));
        Assert.That(await Look(Gauges()), Is.EqualTo(new CheckLook.Measured(Now, 5, null, "used is 5, the highest of 1 series")));

        _provider["used new"] = Found(("pod=gone", 100, 61));
        Expect(await Look(Gauges()), DataClass.Stale, "still scraped");
    }

    [Test]
    public async Task Unknown_is_said_by_its_class()
    {
        _provider["used new"] = Found();
        Expect(await Look(Gauges()), DataClass.NoData, "no value of used");
        _provider["used new"] = new MetricReading.Unavailable("down");
        Expect(await Look(Gauges()), DataClass.ProviderError, "down");
        _provider["used new"] = new MetricReading.Refused("no");
        Expect(await Look(Gauges()), DataClass.ConfigError, "no");
    }

    [Test]
    public async Task The_stable_version_is_measured_alike()
    {
        _provider["used new"] = Found(("pod=a", 5, 5));
        _provider["used old"] = Found(("pod=b", 4, 5));
        Assert.That(await Look(Gauges(compares: true)), Is.EqualTo(new CheckLook.Measured(Now, 5, 4, "used is 5, the highest of 1 series; 4 in the stable version")));

        _provider["used old"] = Found();
        Assert.That(await Look(Gauges(compares: true)), Is.EqualTo(new CheckLook.Measured(Now, 5, null, "used is 5, the highest of 1 series; the stable version has no value to compare with")));

        _provider["used old"] = new MetricReading.Unavailable("down");
        Expect(await Look(Gauges(compares: true)), DataClass.ProviderError, "down");
    }

    [Test]
    public async Task A_query_has_one_value()
    {
        _provider["sum(used new"] = Found(("", 5, 0));
        Assert.That(await Look(Query()), Is.EqualTo(new CheckLook.Measured(Now, 5, null, "the query yields 5")));

        _provider["sum(used new"] = Found();
        Expect(await Look(Query()), DataClass.NoData, "no value");
        _provider["sum(used new"] = Found(("pod=HOSTILE,x y=1,same=1", 5, 0), ("pod=b,x y=2,same=1", 5, 0));
        Expect(await Look(Query()), DataClass.ConfigError, "yields 2 values in provider answers, which differ by pod; write one");
    }

    [Test]
    public void Comparison_alone_says_nothing_without_the_stable_version()
    {
        var rule = new CheckRule("memory", TimeSpan.FromSeconds(15), 1, TimeSpan.Zero, 1, NoDataAction.Hold, new ValueLimits(null, null, 1.5));
        var finding = CheckJudge.Add(rule, null, new CheckLook.Measured(Now, 5, null, "alone"));
        var verdict = CheckJudge.Judge(rule, finding, new JudgementMoment(100, false, HoldDone: true, PatienceSpent: true), Now);

        Assert.That(verdict, Is.EqualTo(new Verdict.Hold(VerdictClass.NoData, "memory: alone")));
        Assert.That(CheckJudge.Add(rule, null, new CheckLook.Measured(Now, 5, 3, "both")).Level, Is.EqualTo(CheckLevel.Critical));
    }

    private static void Expect(CheckLook look, DataClass found, string message)
    {
        Assert.That(look, Is.InstanceOf<CheckLook.Unknown>().With.Property(nameof(CheckLook.Unknown.Class)).EqualTo(found));
        Assert.That(look.Message, Does.Contain(message).And.Not.Contain("HOSTILE"));
    }

    /// <summary>Answers by the beginning of a query and the version that it names.</summary>
    private sealed class Answers : Dictionary<string, MetricReading>, IMetricProvider
    {
        public string Name => "answers";

        public ErrorRateSelectors DefaultSelectors => Presets.Find(Presets.Default);

        public LatencySelectors? Latency(TimeSpan bound) => null;

        public string? NamespaceLabel => null;

        public Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken) =>
            Task.FromResult(this[$"{query.Text[..query.Text.IndexOf('{', StringComparison.Ordinal)]} {(query.Text.Contains("\"new\"", StringComparison.Ordinal) ? "new" : "old")}"]);
    }
}
