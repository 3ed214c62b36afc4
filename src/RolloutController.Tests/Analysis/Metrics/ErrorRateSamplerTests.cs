using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;

namespace RolloutController.Tests.Analysis.Metrics;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ErrorRateSamplerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ArmIdentity Canary = new("prod", "shop-canary", "new", "shop-new-.+");
    private static readonly ArmIdentity Stable = new("prod", "shop", "old", "shop-old-.+");
    private static readonly ErrorRateSelectors Pods = Presets.Find("plain");
    private static readonly ErrorRateSelectors Gateway = Presets.Find("istio");

    private readonly ScriptedProvider _provider = new(Start);

    private ErrorRateSampler Sampler(CountSelectors? selectors = null, bool fresh = true, ArmIdentity? stable = null) =>
        new(_provider, selectors ?? Pods, Canary, stable, fresh ? Start : null, TimeSpan.FromSeconds(15), _provider.Clock);

    private async Task Expect(ErrorRateSampler sampler, long requests, long errors, DataClass data = DataClass.Ok)
    {
        var sample = await sampler.SampleAsync(CancellationToken.None);
        Assert.That((sample.Class, sample.Requests, sample.Errors), Is.EqualTo((data, requests, errors)), sample.Message);
        Assert.That(sample.Time, Is.EqualTo(_provider.Clock.GetUtcNow()));
    }

    [Test]
    public async Task The_first_value_of_a_new_pod_counts_whole()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 7), ("pod=a,code=500", 1));

        await Expect(sampler, 8, 1);
    }

    [Test]
    public async Task Later_values_count_what_they_add_and_once()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10));
        await Expect(sampler, 10, 0);
        _provider.Scrape(30, ("pod=a,code=200", 25), ("pod=b,code=200", 5), ("pod=b,code=503", 2));
        await Expect(sampler, 22, 2);
        await Expect(sampler, 0, 0);
    }

    [Faults.FaultRow(33, "a counter that begins anew")]
    [Test]
    public async Task A_reset_between_two_looks_loses_nothing()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10));
        await Expect(sampler, 10, 0);
        _provider.Scrape(20, ("pod=a,code=200", 15));
        _provider.Scrape(25, ("pod=a,code=200", 3));
        _provider.Scrape(30, ("pod=a,code=200", 20));

        await Expect(sampler, 5 + 20, 0);
    }

    [Faults.FaultRow(33, "a pod that is replaced")]
    [Test]
    public async Task A_pod_that_went_keeps_what_it_counted_last()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10), ("pod=b,code=200", 10));
        await Expect(sampler, 20, 0);
        _provider.Scrape(20, ("pod=a,code=200", 14), ("pod=b,code=200", 12));
        _provider.Scrape(30, ("pod=b,code=200", 15), ("pod=c,code=200", 1));

        await Expect(sampler, 4 + 5 + 1, 0);
    }

    [Test]
    public async Task The_pods_of_an_earlier_attempt_count_from_the_start_of_this_one()
    {
        _provider.Scrape(-30, ("pod=a,code=200", 500), ("pod=a,code=500", 100));
        _provider.Scrape(-15, ("pod=a,code=200", 600), ("pod=a,code=500", 150));
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=b,code=200", 10));

        await Expect(sampler, 10, 0);
    }

    [Test]
    public async Task A_gateways_counters_go_on_from_the_last_rollout()
    {
        _provider.Scrape(-15, ("gw=1,response_code=200", 50_000), ("gw=1,response_code=500", 900));
        var sampler = Sampler(Gateway);
        _provider.Scrape(15, ("gw=1,response_code=200", 50_010), ("gw=1,response_code=500", 901));

        await Expect(sampler, 11, 1);
    }

    [Test]
    public async Task A_gateways_first_error_counts()
    {
        var sampler = Sampler(Gateway);
        await Expect(sampler, 0, 0, DataClass.NoData);
        _provider.Scrape(15, ("gw=1,response_code=503", 1));

        await Expect(sampler, 1, 1);
    }

    [Test]
    public async Task A_gateway_whose_past_is_unknown_begins_to_count_now()
    {
        var sampler = Sampler(Gateway);
        _provider.Down = new MetricReading.Unavailable("down");
        await Expect(sampler, 0, 0, DataClass.ProviderError);
        _provider.Down = null;
        _provider.Scrape(300, ("gw=1,response_code=200", 50_000));
        await Expect(sampler, 0, 0);
        _provider.Scrape(315, ("gw=1,response_code=200", 50_004), ("gw=1,response_code=500", 1));

        await Expect(sampler, 5, 1);
    }

    [Faults.FaultRow(35, "a restart at the edge of a look")]
    [Test]
    public async Task After_a_restart_the_first_look_is_where_counting_begins()
    {
        _provider.Scrape(15, ("pod=a,code=200", 100), ("pod=a,code=500", 10));
        var sampler = Sampler(fresh: false);
        await Expect(sampler, 0, 0);
        _provider.Scrape(30, ("pod=a,code=200", 104), ("pod=a,code=500", 11), ("pod=b,code=500", 2));

        await Expect(sampler, 7, 3);
    }

    [Test]
    public async Task After_a_restart_an_empty_look_begins_nothing()
    {
        var sampler = Sampler(fresh: false);
        await Expect(sampler, 0, 0, DataClass.NoData);
        _provider.Scrape(15, ("pod=a,code=200", 100));
        await Expect(sampler, 0, 0);
    }

    [Test]
    public async Task A_failed_look_loses_nothing()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10));
        await Expect(sampler, 10, 0);
        _provider.Down = new MetricReading.Unavailable("the provider is down");
        _provider.Scrape(30, ("pod=a,code=200", 20), ("pod=a,code=500", 1));
        await Expect(sampler, 0, 0, DataClass.ProviderError);
        _provider.Down = null;
        _provider.Scrape(45, ("pod=a,code=200", 30), ("pod=a,code=500", 4));

        await Expect(sampler, 24, 4);
    }

    [Test]
    public async Task Half_a_look_counts_nothing()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10));
        _provider.Down = new MetricReading.Refused("no");
        _provider.OnlyErrorsDown = true;
        await Expect(sampler, 0, 0, DataClass.ConfigError);
        _provider.Down = null;

        await Expect(sampler, 10, 0);
    }

    [Test]
    public async Task An_error_waits_for_its_request()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10), ("pod=a,code=500", 1));
        _provider.HideRequestsAfter = Start.AddSeconds(15);
        _provider.Scrape(30, ("pod=a,code=200", 10), ("pod=a,code=500", 9));
        await Expect(sampler, 11, 1);
        _provider.HideRequestsAfter = null;

        await Expect(sampler, 8, 8);
    }

    [Test]
    public async Task Old_counts_are_stale()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 10));
        _provider.Clock.Advance(TimeSpan.FromSeconds(60));
        await Expect(sampler, 10, 0);
        _provider.Clock.Advance(TimeSpan.FromSeconds(1));

        await Expect(sampler, 0, 0, DataClass.Stale);
    }

    [Test]
    public async Task Slow_scrapes_grow_old_more_slowly()
    {
        var sampler = Sampler();
        _provider.Scrape(10, ("pod=a,code=200", 10));
        _provider.Scrape(40, ("pod=a,code=200", 20));
        _provider.Clock.Advance(TimeSpan.FromSeconds(80));

        await Expect(sampler, 20, 0);
    }

    [Test]
    public async Task Errors_that_could_never_be_seen_are_a_mistake_in_the_selector()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,status=200", 10));
        var sample = await sampler.SampleAsync(CancellationToken.None);

        Assert.That(sample.Class, Is.EqualTo(DataClass.ConfigError));
        Assert.That(sample.Message, Does.Contain("label code"));
    }

    [Test]
    public async Task More_errors_than_requests_are_a_mistake_in_the_selectors()
    {
        var sampler = Sampler(ErrorRateSelectors.Parse("""http_requests_total{pod=~"$pods",code="200"}""", """http_requests_total{pod=~"$pods",code=~"5.."}"""));
        _provider.Scrape(15, ("pod=a,code=200", 10), ("pod=a,code=500", 11));

        await Expect(sampler, 0, 0, DataClass.ConfigError);
    }

    [Test]
    public async Task Fractions_add_up_to_whole_requests()
    {
        var sampler = Sampler();
        _provider.Scrape(15, ("pod=a,code=200", 0.6));
        await Expect(sampler, 0, 0);
        _provider.Scrape(30, ("pod=a,code=200", 1.2));
        await Expect(sampler, 1, 0);
    }

    [Test]
    public async Task The_stable_version_is_context()
    {
        var sampler = Sampler(stable: Stable);
        _provider.Scrape(15, ("pod=a,code=200", 10));
        await sampler.SampleAsync(CancellationToken.None);
        _provider.Scrape(30, ("pod=a,code=200", 12), ("pod=a,code=500", 1));
        var sample = await sampler.SampleAsync(CancellationToken.None);

        // The script answers both versions alike; the stable one's first look is where its counting begins.
        Assert.That(sample, Is.EqualTo(new Sample(Start.AddSeconds(30), DataClass.Ok, "2 series, the newest value 0 s old", 3, 1, 3, 1)));
    }

    [Test]
    public async Task Bursts_before_the_rollout_are_told_once()
    {
        ScrapeHistory(minutes: 34);
        var sampler = Sampler(stable: Stable);
        _provider.Scrape(15, ("pod=a,code=200", 10_000));

        // Ten of a hundred requests fail in every other minute: 25 / (100 · 0.05 · 0.95), a little more for the degree of freedom.
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Dispersion, Is.EqualTo(25 / 4.75).Within(0.25));
        Assert.That((await sampler.SampleAsync(CancellationToken.None)).Dispersion, Is.Null);
    }

    [Test]
    public async Task Bursts_are_unknown_without_enough_history_or_in_the_middle_of_a_rollout()
    {
        ScrapeHistory(minutes: 20);
        Assert.That((await Sampler(stable: Stable).SampleAsync(CancellationToken.None)).Dispersion, Is.Null);

        ScrapeHistory(minutes: 34);
        Assert.That((await Sampler(stable: Stable, fresh: false).SampleAsync(CancellationToken.None)).Dispersion, Is.Null);
    }

    private void ScrapeHistory(int minutes)
    {
        var (good, bad) = (0, 0);
        for (var minute = -minutes; minute <= 0; minute++)
        {
            (good, bad) = minute % 2 == 0 ? (good + 90, bad + 10) : (good + 100, bad);
            _provider.Scrape(60 * minute, ("pod=a,code=200", good), ("pod=a,code=500", bad));
        }
    }

    [Test]
    public void Selectors_that_do_not_suit_the_rollout_are_refused_at_once() =>
        Assert.That(
            () => new ErrorRateSampler(_provider, Gateway, new ArmIdentity("prod", null, "new", "p"), null, Start, TimeSpan.FromSeconds(15), _provider.Clock),
            Throws.TypeOf<SelectorException>());

    [Test]
    public async Task What_is_not_within_the_bound_is_slow()
    {
        var sampler = Sampler(Presets.Latency("plain", TimeSpan.FromMilliseconds(500)));
        _provider.Scrape(15, ("pod=a,what=count", 100), ("pod=a,le=0.5", 90));
        await Expect(sampler, 100, 10);
        _provider.Scrape(30, ("pod=a,what=count", 110), ("pod=a,le=0.5", 90), ("pod=b,what=count", 5), ("pod=b,le=0.5", 5));
        await Expect(sampler, 15, 10);
    }

    [Test]
    public async Task A_bound_that_the_histogram_does_not_have_is_a_mistake()
    {
        var sampler = Sampler(Presets.Latency("plain", TimeSpan.FromMilliseconds(300)));
        _provider.Scrape(15, ("pod=a,what=count", 100), ("pod=a,le=0.5", 90));
        var sample = await sampler.SampleAsync(CancellationToken.None);

        Assert.That(sample.Class, Is.EqualTo(DataClass.ConfigError));
        Assert.That(sample.Message, Does.Contain("no bucket that ends at slowerThan"));
    }

    [Test]
    public async Task A_bucket_of_another_histogram_is_a_mistake()
    {
        var sampler = Sampler(Presets.Latency("plain", TimeSpan.FromMilliseconds(500)));
        _provider.Scrape(15, ("pod=a,what=count", 100), ("pod=a,le=0.5", 101));

        await Expect(sampler, 0, 0, DataClass.ConfigError);
    }

    /// <summary>A metrics store with one counter, scraped by hand: errors are the series whose code begins with a 5.</summary>
    private sealed class ScriptedProvider(DateTimeOffset start) : IMetricProvider
    {
        private readonly Dictionary<string, List<MetricPoint>> _series = [];

        public ManualTimeProvider Clock { get; } = new(start);

        public MetricReading? Down { get; set; }

        public bool OnlyErrorsDown { get; set; }

        public DateTimeOffset? HideRequestsAfter { get; set; }

        public string Name => "scripted";

        public ErrorRateSelectors DefaultSelectors => Pods;

        public LatencySelectors? Latency(TimeSpan bound) => null;

        public string? NamespaceLabel => null;

        /// <summary>Stores values scraped at a second of the rollout, and moves the clock there when that is ahead.</summary>
        public void Scrape(int second, params (string Labels, double Value)[] values)
        {
            var time = start.AddSeconds(second);
            if (time > Clock.GetUtcNow())
                Clock.Advance(time - Clock.GetUtcNow());
            foreach (var (labels, value) in values)
            {
                _series.TryAdd(labels, []);
                _series[labels].Add(new MetricPoint(time, value));
            }
        }

        public Task<MetricReading> ReadAsync(MetricQuery query, CancellationToken cancellationToken)
        {
            var (selector, window) = (MetricQuery.Counters)query;
            var errors = selector.Contains("5..", StringComparison.Ordinal);
            if (Down is not null && (errors || !OnlyErrorsDown))
                return Task.FromResult(Down);

            var now = Clock.GetUtcNow();
            var series = _series
                .Select(one => (Labels: one.Key, Points: one.Value.Where(point => point.Time > now - window && (errors || !(point.Time > HideRequestsAfter))).ToList()))
                .Where(one => one.Points.Count > 0 && Matches(one.Labels, selector, errors))
                .Select(one => new MetricSeries(one.Labels.Split(',').Select(label => label.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]), one.Points));
            return Task.FromResult<MetricReading>(new MetricReading.Found([.. series], now));
        }

        private static bool Matches(string labels, string selector, bool errors) => selector.Contains("_bucket", StringComparison.Ordinal)
            ? selector.Contains("le=~\"0[.]5\"", StringComparison.Ordinal) && labels.Contains("le=0.5", StringComparison.Ordinal)
            : selector.Contains("_count", StringComparison.Ordinal) ? labels.Contains("what=count", StringComparison.Ordinal)
            : errors
            ? labels.Contains("code=5", StringComparison.Ordinal)
            : !selector.Contains("code=\"200\"", StringComparison.Ordinal) || labels.Contains("code=200", StringComparison.Ordinal);
    }
}
