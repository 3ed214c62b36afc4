using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis.Metrics;

/// <summary>How long the slowest requests take, for people; nothing is judged by it.</summary>
[CancelAfter(60_000)]
public sealed class SlowestHundredthTests
{
    private static readonly ArmIdentity Arm = new("shops", "shop-canary", "new", "shop-new-[a-z0-9]{5}");

    [TestCase("plain", "0.4321", "99 of 100 took about 432 ms or less")]
    [TestCase("istio", "1234.5", "99 of 100 took about 1.23 s or less")]
    [TestCase("plain", "NaN", "")]
    [TestCase("plain", "+Inf", "")]
    public async Task It_is_told_in_the_unit_of_the_histogram(string preset, string value, string expected, CancellationToken token)
    {
        string? asked = null;
        await using var server = await FakePrometheus.StartAsync(async context =>
        {
            asked = (await context.Request.ReadFormAsync(token))["query"];
            await FakePrometheus.Json($$$"""{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1767268800,"{{{value}}}"]}]}}""")(context);
        });
        using var provider = new PrometheusProvider(new PrometheusOptions("prom", server.Address) { NamespaceLabel = "namespace" }, TimeProvider.System);

        var said = await new SlowestHundredth(provider, Presets.Latency(preset, TimeSpan.FromMilliseconds(500))!, Arm).ReadAsync(token);

        Assert.That(said, Is.EqualTo(expected));
        Assert.That(asked, Does.StartWith("histogram_quantile(0.99, sum by (le) (rate(").And.EndsWith(",namespace=\"shops\"}[5m])))").And.Not.Contain("le="));
    }

    [Test]
    public async Task Where_nobody_answers_nothing_is_told(CancellationToken token)
    {
        await using var server = await FakePrometheus.StartAsync(FakePrometheus.Json("", 400));
        using var provider = new PrometheusProvider(new PrometheusOptions("prom", server.Address), TimeProvider.System);
        Assert.That(await new SlowestHundredth(provider, Presets.Latency("plain", TimeSpan.FromSeconds(1))!, Arm).ReadAsync(token), Is.Empty);
    }

    [TestCase("0.5", 500, 1000)]
    [TestCase("500", 500, 1)]
    [TestCase("+Inf", 500, null)]
    [TestCase("0", 500, null)]
    public void The_unit_of_a_histogram_follows_from_its_bound(string le, int bound, int? unit) => Assert.That(
        LatencySelectors.UnitOf(SelectorTemplate.Parse($$"""m_bucket{pod=~"$pods",le="{{le}}"}"""), TimeSpan.FromMilliseconds(bound))?.TotalMilliseconds, Is.EqualTo((double?)unit));

    [Test]
    public void It_stands_beside_what_is_judged()
    {
        var check = new CheckSpec { Name = "slow", Latency = new LatencyCheckSpec { SlowerThan = TimeSpan.FromSeconds(1), Max = "5%" } };
        var analysis = new AnalysisSpec { Checks = [check] };
        var since = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var evidence = Evidence.StartingAt(since).Add(new Sample(since.AddSeconds(15), DataClass.Ok, "99 of 100 took about 1.2 s or less", Requests: 1000, Errors: 12, StableRequests: 1000, StableErrors: 12), tolerance: 1.5);

        var verdict = ErrorRateJudge.Judge(ErrorRateRule.Of(analysis, check), evidence, new JudgementMoment(50, FirstStep: false, HoldDone: true, PatienceSpent: false));

        Assert.That(verdict, Is.InstanceOf<Verdict.Pass>().With.Message.EqualTo("slow: 1,000 requests judged, 12 slow requests (1.2 %, at most 5 %; 99 of 100 took about 1.2 s or less)"), verdict.Message);
    }
}
