using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis;

/// <summary>Checks that count requests are judged as the error rate is, with words, evidence and a part of the sensitivity of their own.</summary>
public sealed class CountedCheckTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 14, 2, 0, TimeSpan.Zero);
    private static readonly JudgementMoment Holding = new(25, FirstStep: false, HoldDone: false, PatienceSpent: false) { Now = Start.AddSeconds(15) };
    private static readonly JudgementMoment End = Holding with { HoldDone = true };

    private static readonly CheckSpec Slow = new()
    {
        Name = "slow",
        Latency = new LatencyCheckSpec { SlowerThan = TimeSpan.FromMilliseconds(500), Max = "10%", Warning = "5%", MinRequests = 100 },
    };

    private static Evidence Seen(long requests, long bad, DataClass data = DataClass.Ok) =>
        Evidence.StartingAt(Start).Add(new Sample(Start.AddSeconds(15), data, data == DataClass.Ok ? "" : $"the data is {data}", requests, bad), ErrorRateRule.DefaultTolerance);

    private static ErrorRateRule Rule(CheckSpec? check = null) => ErrorRateRule.Of(new AnalysisSpec { Checks = [check ?? Slow] }, check ?? Slow);

    private static Verdict Judge(Evidence evidence, JudgementMoment moment, ErrorRateRule? rule = null) => ErrorRateJudge.Judge(rule ?? Rule(), evidence, moment);

    [Test]
    public void Slow_requests_are_spoken_of_as_such() => Assert.That(Judge(Seen(200, 60), Holding), Is.EqualTo(new Verdict.Fail(
        "slow", "LatencyBreached", "30 %", "10 %", 200, 60,
        "slow: rate of requests slower than 500ms 30 % is above 10 %: 60 slow requests in 200 requests, more than chance explains")));

    [TestCase(100, 3, typeof(Verdict.Pass))]
    [TestCase(100, 6, typeof(Verdict.Hold))]
    [TestCase(99, 3, typeof(Verdict.Hold))]
    public void At_the_end_a_rate_above_the_warning_level_holds(long requests, long bad, Type expected)
    {
        var verdict = Judge(Seen(requests, bad), End);

        Assert.That(verdict, Is.InstanceOf(expected));
        Assert.That((verdict as Verdict.Hold)?.Class, Is.EqualTo(bad == 6 ? VerdictClass.Warning : requests < 100 ? VerdictClass.InsufficientData : null));
    }

    [Test]
    public void Before_the_end_it_takes_evidence_to_warn_and_a_warning_never_rolls_back()
    {
        Assert.That(Judge(Seen(100, 6), Holding), Is.InstanceOf<Verdict.Progressing>());
        var verdict = Judge(Seen(2000, 180), Holding);
        Assert.That(verdict, Is.InstanceOf<Verdict.Hold>().With.Property(nameof(Verdict.Hold.Class)).EqualTo(VerdictClass.Warning));
        Assert.That(verdict.Message, Does.StartWith("slow: rate of requests slower than 500ms above the warning level of 5 %: 2,000 requests judged, 180 slow requests (9 %, at most 10 %)"));
        Assert.That(Judge(Seen(2000, 180), End with { PatienceSpent = true }), Is.InstanceOf<Verdict.Hold>());
    }

    [TestCase(DataClass.NoData, NoDataAction.Hold, 0, typeof(Verdict.Hold))]
    [TestCase(DataClass.ProviderError, NoDataAction.Hold, 3600, typeof(Verdict.Hold))]
    [TestCase(DataClass.ProviderError, NoDataAction.Ignore, 0, typeof(Verdict.Pass))]
    [TestCase(DataClass.Stale, NoDataAction.Rollback, 299, typeof(Verdict.Hold))]
    [TestCase(DataClass.Stale, NoDataAction.Rollback, 300, typeof(Verdict.Fail))]
    [TestCase(DataClass.Ok, NoDataAction.Rollback, 300, typeof(Verdict.Hold))]
    public void What_is_done_without_data_is_the_users_choice(DataClass data, NoDataAction action, int seconds, Type expected)
    {
        var verdict = Judge(Seen(0, 0, data), End with { Now = Start.AddSeconds(15 + seconds) }, Rule(Slow with { OnNoData = action }));

        Assert.That(verdict, Is.InstanceOf(expected));
        if (verdict is Verdict.Fail fail)
            Assert.That((fail.Check, fail.Reason), Is.EqualTo(("slow", "NoData")));
    }

    [Test]
    public void Nothing_is_left_out_before_it_was_asked_for() =>
        Assert.That(Judge(Evidence.StartingAt(Start), End, Rule(Slow with { OnNoData = NoDataAction.Ignore })), Is.InstanceOf<Verdict.Hold>());

    [Test]
    public void Rules_that_count_share_the_sensitivity()
    {
        var rate = new ErrorRateSpec { Max = "1%", Sensitivity = "9%", Tolerance = "100%", Warning = "0.5%", OnNoData = NoDataAction.Rollback };
        var checkout = new CheckSpec { Name = "checkout", OnNoData = NoDataAction.Ignore, ErrorRate = new ErrorRateSpec { Max = "2%", MinRequests = 7 } };
        var analysis = new AnalysisSpec { ErrorRate = rate, Checks = [Slow, checkout, new CheckSpec { Name = "up", Http = new HttpCheckSpec() }] };

        Assert.That(ErrorRateRule.Of(analysis, rate), Is.EqualTo(new ErrorRateRule(.01, null, .03) { Tolerance = 2, Warning = .005, OnNoData = NoDataAction.Rollback }));
        Assert.That(ErrorRateRule.Of(analysis, checkout), Is.EqualTo(new ErrorRateRule(.02, 7, .03) { Check = "checkout", OnNoData = NoDataAction.Ignore }));
        Assert.That(ErrorRateRule.Of(analysis, Slow).Sensitivity, Is.EqualTo(.03));
        Assert.That(Rule().Sensitivity, Is.EqualTo(.05), "the usual one where the error rate is not judged");
    }

    [Test]
    public void Evidence_of_its_own_is_kept_from_step_to_step_and_survives_being_stored()
    {
        var evidence = Evidence.StartingAt(Start)
            .Add("slow", new Sample(Start.AddSeconds(15), DataClass.Ok, "", 100, 5), 1.5)
            .Add("checkout", new Sample(Start.AddSeconds(20), DataClass.Stale, "old", 10, 1), 1.5)
            .Add("slow", new Sample(Start.AddSeconds(15), DataClass.Ok, "twice", 100, 5), 1.5);

        Assert.That((evidence.Requests, evidence.Counts.Find("slow")!.Requests), Is.EqualTo((0L, 100L)));
        Assert.That(Evidence.From(evidence.Stored()), Is.EqualTo(evidence));
        var next = evidence.AtNextStep(Start.AddMinutes(1)).Counts.Find("slow")!;
        Assert.That((next.Requests, next.Errors, next.Sequential.Errors, next.Since), Is.EqualTo((0L, 0L, 5L, Start.AddMinutes(1))));
    }
}
