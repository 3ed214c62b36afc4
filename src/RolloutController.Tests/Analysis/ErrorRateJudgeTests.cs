using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class ErrorRateJudgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 14, 2, 0, TimeSpan.Zero);
    private static readonly JudgementMoment Holding = new(25, FirstStep: false, HoldDone: false, PatienceSpent: false, Start.AddSeconds(30));
    private static readonly JudgementMoment End = Holding with { HoldDone = true };
    private static readonly JudgementMoment TooLate = End with { PatienceSpent = true };

    private static Evidence Seen(long requests, long errors, DataClass data = DataClass.Ok) =>
        Beside(requests, errors, 0, 0) with { Class = data, Message = $"the data is {data}" };

    /// <summary>One look at a version and at the stable one beside it.</summary>
    private static Evidence Beside(long requests, long errors, long stableRequests, long stableErrors) =>
        Evidence.StartingAt(Start).Add(new Sample(Start.AddSeconds(15), DataClass.Ok, "", requests, errors, stableRequests, stableErrors), ErrorRateRule.DefaultTolerance);

    private static Verdict Judge(Evidence evidence, JudgementMoment moment, double max = .01, int? minRequests = 110) =>
        ErrorRateJudge.Judge(new ErrorRateRule(max, minRequests), evidence, moment);

    // At the end of the hold, with at most 1 % and at least 110 requests.
    [TestCase(30, 0, VerdictClass.InsufficientData)]
    [TestCase(30, 2, VerdictClass.InsufficientData)]
    [TestCase(60, 3, VerdictClass.InsufficientData)]
    [TestCase(109, 0, VerdictClass.InsufficientData)]
    [TestCase(110, 2, VerdictClass.Inconclusive)]
    [TestCase(110, 3, VerdictClass.Inconclusive)]
    public void Doubt_holds(long requests, long errors, VerdictClass expected) =>
        Assert.That(Judge(Seen(requests, errors), End), Is.InstanceOf<Verdict.Hold>().With.Property(nameof(Verdict.Hold.Class)).EqualTo(expected));

    [TestCase(110, 0)]
    [TestCase(110, 1)]
    [TestCase(200, 2)]
    public void A_rate_within_the_threshold_passes(long requests, long errors) =>
        Assert.That(Judge(Seen(requests, errors), End), Is.InstanceOf<Verdict.Pass>());

    [TestCase(110, 4)]
    [TestCase(250, 6)]
    [TestCase(500, 10)]
    [TestCase(1000, 16)]
    [TestCase(2000, 29)]
    public void The_exact_tail_fails_at_the_end_of_the_hold(long requests, long errors)
    {
        Assert.That(Judge(Seen(requests, errors), End), Is.InstanceOf<Verdict.Fail>());
        Assert.That(Judge(Seen(requests, errors - 1), End), Is.Not.InstanceOf<Verdict.Fail>(), "one error less");
        Assert.That(Judge(Seen(requests, errors), Holding), Is.InstanceOf<Verdict.Progressing>(), "and not before");
    }

    [TestCase(3, 3)]
    [TestCase(110, 6)]
    public void A_clear_breach_fails_at_any_look(long requests, long errors)
    {
        Assert.That(Judge(Seen(requests, errors), Holding), Is.InstanceOf<Verdict.Fail>());
        Assert.That(Judge(Seen(requests, errors, DataClass.ProviderError), Holding), Is.InstanceOf<Verdict.Fail>(), "the provider being down since");
    }

    [TestCase(2, 2)]
    [TestCase(110, 5)]
    public void A_look_while_the_step_holds_needs_more_than_the_end_does(long requests, long errors) =>
        Assert.That(Judge(Seen(requests, errors), Holding), Is.InstanceOf<Verdict.Progressing>());

    [Test]
    public void A_rate_above_the_threshold_never_promotes() =>
        Assert.That(Judge(Seen(110, 2), TooLate), Is.InstanceOf<Verdict.Fail>().With.Property(nameof(Verdict.Fail.Reason)).EqualTo("ErrorRateAboveThreshold"));

    [TestCase(DataClass.NoData, VerdictClass.NoData)]
    [TestCase(DataClass.Stale, VerdictClass.Stale)]
    [TestCase(DataClass.ProviderError, VerdictClass.ProviderError)]
    [TestCase(DataClass.ConfigError, VerdictClass.ConfigError)]
    public void Without_fresh_counts_it_holds_and_says_why(DataClass data, VerdictClass expected) =>
        Assert.That(Judge(Seen(5000, 0, data), TooLate), Is.EqualTo(new Verdict.Hold(expected, $"the data is {data}; next look 14:02:30")));

    [Test]
    public void Messages_give_the_numbers()
    {
        Assert.That(Judge(Seen(1240, 3), Holding with { Weight = 50 }, .005, null).Message,
            Is.EqualTo("1,240 of 1,597 requests judged, 3 errors (0.24 %, at most 0.5 %); next look 14:02:30"));
        Assert.That(Judge(Seen(0, 0), Holding, .005, 1).Message,
            Is.EqualTo("0 of 1 request judged, 0 errors (at most 0.5 %); next look 14:02:30"));
        Assert.That(Judge(Seen(1_600_000, 1), End, .005, null).Message,
            Is.EqualTo("1,600,000 requests judged, 1 error (0.0001 %, at most 0.5 %)"));
    }

    [TestCase(10, "20 of 1,597 requests judged, 0 errors (0 %, at most 0.5 %); at 1.33 requests a second the rest takes 20 min, longer than the step may take: give it more weight or time, or set minRequests; next look 14:02:30")]
    [TestCase(30, "20 of 1,597 requests judged, 0 errors (0 %, at most 0.5 %); next look 14:02:30")]
    public void Step_that_will_not_get_its_requests_says_so_at_once(int minutes, string expected) =>
        Assert.That(Judge(Seen(20, 0), Holding with { Weight = 50, Deadline = Start.AddMinutes(minutes) }, .005, null).Message, Is.EqualTo(expected));

    [Test]
    public void A_failure_names_value_threshold_and_sample_size() =>
        Assert.That(Judge(Seen(2000, 100), Holding), Is.EqualTo(new Verdict.Fail(
            "errorRate", "ErrorRateBreached", "5 %", "1 %", 2000, 100,
            "error rate 5 % is above 1 %: 100 errors in 2,000 requests, more than chance explains")));

    // One look at the end of the hold, at most 1 % and at least 110 requests, computed apart.
    [TestCase(30, 0, 570, 3, "InsufficientData")]
    [TestCase(30, 2, 570, 3, "InsufficientData")]
    [TestCase(30, 3, 570, 3, "ErrorRateBreached")]
    [TestCase(60, 3, 1140, 6, "InsufficientData")]
    [TestCase(110, 0, 2090, 10, "Pass")]
    [TestCase(110, 1, 2090, 10, "Pass")]
    [TestCase(110, 2, 2090, 10, "Inconclusive")]
    [TestCase(110, 4, 2090, 10, "ErrorRateBreached")]
    [TestCase(110, 6, 2090, 10, "ErrorRateBreached")]
    public void Verdict_beside_the_stable_version(long requests, long errors, long stableRequests, long stableErrors, string expected) =>
        Assert.That(
            Judge(Beside(requests, errors, stableRequests, stableErrors), End) switch
            {
                Verdict.Fail fail => fail.Reason,
                Verdict.Hold hold => hold.Class.ToString(),
                var other => other.GetType().Name,
            },
            Is.EqualTo(expected));

    [Test]
    public void Version_far_worse_than_the_stable_one_fails_below_the_threshold_too() =>
        Assert.That(Judge(Beside(2000, 40, 38_000, 38), Holding, max: .05), Is.EqualTo(new Verdict.Fail(
            "errorRate", "ErrorRateAboveStable", "2 %", "0.1 %", 2000, 40,
            "error rate 2 % is far above the 0.1 % of the stable version: 40 errors in 2,000 requests, more than chance explains")));

    [Test]
    public void Incident_in_both_versions_is_told_where_it_fails_one() =>
        Assert.That(Judge(Beside(2000, 100, 38_000, 1900), Holding).Message, Does.EndWith("; the stable version is above it, too (5 %)"));

    [Test]
    public void Bursts_that_the_stable_version_has_too_need_more_evidence() =>
        Assert.That(Judge(Seen(110, 6) with { Dispersion = 5 }, Holding), Is.InstanceOf<Verdict.Progressing>());

    [Test]
    public void Bursts_count_at_the_end_of_the_hold_as_well()
    {
        Assert.That(Judge(Seen(250, 6), End), Is.InstanceOf<Verdict.Fail>());
        Assert.That(Judge(Seen(250, 6) with { Dispersion = 5 }, End), Is.InstanceOf<Verdict.Hold>().With.Property(nameof(Verdict.Hold.Class)).EqualTo(VerdictClass.Inconclusive));
    }

    [Test]
    public void Sensitivity_bounds_the_false_alarms()
    {
        Assert.That(ErrorRateJudge.Judge(new ErrorRateRule(.01), Seen(110, 6), Holding), Is.InstanceOf<Verdict.Fail>());
        Assert.That(ErrorRateJudge.Judge(new ErrorRateRule(.01, Sensitivity: .01), Seen(110, 6), Holding), Is.InstanceOf<Verdict.Progressing>());
    }

    [Test]
    public void Nothing_unknown_or_too_small_or_too_bad_ever_passes()
    {
        var moments = Gen.Choose(1, 100).SelectMany(weight => Gen.Elements(
            End with { Weight = weight }, TooLate with { Weight = weight }, Holding with { Weight = weight }, End with { Weight = weight, FirstStep = true }));
        var cases =
            from data in Gen.Elements(Enum.GetValues<DataClass>())
            from requests in Gen.Choose(0, 4000)
            from errors in Gen.Choose(0, Math.Min(requests, 60))
            from max in Gen.Elements(.001, .005, .01, .05, 1)
            from minRequests in Gen.Elements<int?>(null, 1, 1000)
            from moment in moments
            select (Evidence: Seen(requests, errors, data), Rule: new ErrorRateRule(max, minRequests), Moment: moment);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(Arb.From(cases), sample =>
        {
            var (evidence, rule, moment) = sample;
            var floor = RequestFloor.For(rule.Max, moment.Weight, moment.FirstStep, rule.MinRequests);
            var mayPass = evidence.Class == DataClass.Ok && moment.HoldDone && evidence.Requests >= floor && evidence.ErrorRate <= rule.Max;
            var mayFail = evidence.ErrorRate > rule.Max; // No stable version is beside it.
            return ErrorRateJudge.Judge(rule, evidence, moment) switch
            {
                Verdict.Pass => mayPass,
                Verdict.Fail => mayFail,
                _ => true,
            };
        }));
    }

    [Test]
    public void A_healthy_version_is_rarely_sent_back_however_often_it_is_looked_at()
    {
        // Half the threshold, sixteen looks (four steps of a minute, every 15 s), 100 requests a look.
        var random = new Random(20260101);
        var falseAlarms = Enumerable.Range(0, 3000).Count(_ =>
        {
            var evidence = Seen(0, 0);
            return Enumerable.Range(0, 16).Any(_ =>
            {
                var errors = Enumerable.Range(0, 100).Count(_ => random.NextDouble() < .005);
                evidence = evidence.Add(new Sample(evidence.SampledAt!.Value.AddSeconds(15), DataClass.Ok, "", 100, errors), ErrorRateRule.DefaultTolerance);
                return Judge(evidence, Holding) is Verdict.Fail;
            });
        });

        Assert.That(falseAlarms, Is.LessThan(30), "1 % of 3,000 rollouts");
    }
}
