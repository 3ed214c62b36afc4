using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Tests.Analysis;

public sealed class CheckJudgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JudgementMoment Held = new(25, FirstStep: false, HoldDone: true, PatienceSpent: false);
    private static readonly ValueLimits Percent = new(new LimitSpec { Above = new Number(75) }, new LimitSpec { Above = new Number(90) }, MaxRatio: null);

    /// <summary>Looks fifteen seconds apart: + passes, x fails, ? knows nothing, a number is a measured value.</summary>
    [TestCase("", "Hold NoData", TestName = "No look yet holds")]
    [TestCase("+", "Pass", TestName = "A good look passes")]
    [TestCase("x", "Fail CheckFailed", TestName = "A bad look fails at once where nothing else is asked for")]
    [TestCase("+ x", "Hold Warning", 2, TestName = "One of two bad looks holds")]
    [TestCase("x + x", "Hold Warning", 2, TestName = "Bad looks that are not in a row hold")]
    [TestCase("x x", "Fail CheckFailed", 2, TestName = "Two bad looks in a row fail")]
    [TestCase("x ? x", "Fail CheckFailed", 2, TestName = "What is not known ends no row")]
    [TestCase("x ?", "Hold ProviderError", 2, TestName = "What is not known makes no row")]
    [TestCase("x x ?", "Fail CheckFailed", 2, TestName = "A failure does not go away with the one who tells")]
    [TestCase("x x", "Hold Warning", 1, 30, TestName = "Bad looks over 15 of 30 seconds hold")]
    [TestCase("x x x", "Fail CheckFailed", 1, 30, TestName = "Bad looks over 30 of 30 seconds fail")]
    [TestCase("x ? ? ?", "Hold ProviderError", 1, 30, TestName = "The time in which nothing is known does not count")]
    [TestCase("+ + ?", "Hold ProviderError", TestName = "Who knows nothing now does not pass on what was")]
    [TestCase("50", "Pass", TestName = "A value below the warning level passes")]
    [TestCase("75", "Pass", TestName = "A value at the warning level passes")]
    [TestCase("75.1", "Hold Warning", TestName = "A value above the warning level holds")]
    [TestCase("80 80 80 80", "Hold Warning", TestName = "A warning never rolls back")]
    [TestCase("90.1", "Fail LimitExceeded", TestName = "A value above the critical level fails")]
    [TestCase("95 80 95", "Hold Warning", 2, TestName = "A look below critical ends the row")]
    public void Looks_come_to_a_verdict(string looks, string verdict, int failures = 1, int seconds = 0) =>
        Assert.That(Told(Judge(looks, Rule(failures, seconds))), Is.EqualTo(verdict));

    [TestCase(NoDataAction.Hold, 10, "Hold ProviderError")]
    [TestCase(NoDataAction.Ignore, 1, "Pass")]
    [TestCase(NoDataAction.Rollback, 4, "Hold ProviderError")]
    [TestCase(NoDataAction.Rollback, 5, "Fail NoData")]
    public void What_is_not_known_is_what_the_user_says(NoDataAction action, int minutes, string verdict) =>
        Assert.That(Told(Judge("+ ?", Rule() with { OnNoData = action, Interval = TimeSpan.FromHours(1) }, TimeSpan.FromMinutes(minutes))), Is.EqualTo(verdict));

    [Test]
    public void A_check_that_hangs_promotes_nothing()
    {
        Assert.That(Told(Judge("+", Rule(), TimeSpan.FromSeconds(75))), Is.EqualTo("Pass"));
        Assert.That(Told(Judge("+", Rule(), TimeSpan.FromSeconds(76))), Is.EqualTo("Hold Stale"));
    }

    [Test]
    public void A_step_needs_looks_of_its_own()
    {
        var rule = Rule() with { MinSamples = 2 };
        Assert.That(Told(Judge("+", rule)), Is.EqualTo("Hold InsufficientData"));
        var seen = Found("+ +", rule)!;
        Assert.That(Told(CheckJudge.Judge(rule, seen, Held, Start)), Is.EqualTo("Pass"));
        Assert.That(Told(CheckJudge.Judge(rule, CheckJudge.AtNextStep(seen), Held, Start)), Is.EqualTo("Hold InsufficientData"));
    }

    [Test]
    public void A_hold_is_waited_for() => Assert.That(
        CheckJudge.Judge(Rule(), Found("+", Rule()), Held with { HoldDone = false }, Start), Is.InstanceOf<Verdict.Progressing>());

    [TestCase(100.0, "Hold Warning")]
    [TestCase(60.0, "Hold Warning")]
    [TestCase(50.0, "Fail LimitExceeded")]
    public void A_value_is_compared_with_the_stable_versions(double stable, string verdict)
    {
        var rule = Rule() with { Limits = Percent with { MaxRatio = 1.5 } };
        var finding = CheckJudge.Add(rule, null, new CheckLook.Measured(Start, 80, stable, "80"));
        Assert.That(Told(CheckJudge.Judge(rule, finding, Held, Start)), Is.EqualTo(verdict));
    }

    [Test]
    public void A_look_counts_once()
    {
        var look = new CheckLook.Failed(Start, "bad");
        var once = CheckJudge.Add(Rule(), null, look);
        Assert.That(CheckJudge.Add(Rule(), once, look), Is.EqualTo(once));
    }

    [Test]
    public void A_failure_names_value_limit_and_how_long()
    {
        var fail = (Verdict.Fail)Judge("95 95", Rule(failures: 2));
        Assert.That((fail.Check, fail.Value, fail.Threshold, fail.Requests), Is.EqualTo(("memory", "95", "at most 90", (long?)null)));
        Assert.That(fail.Message, Is.EqualTo("memory: 95 of it, at most 90 is fine; 2 looks in a row, since 12:00:00"));
    }

    private static CheckRule Rule(int failures = 1, int seconds = 0) =>
        new("memory", TimeSpan.FromSeconds(15), failures, TimeSpan.FromSeconds(seconds), MinSamples: 1, NoDataAction.Hold, Percent);

    private static Verdict Judge(string looks, CheckRule rule, TimeSpan later = default) =>
        CheckJudge.Judge(rule, Found(looks, rule), Held, Start + later + TimeSpan.FromSeconds(15 * Math.Max(0, looks.Split(' ').Length - 1)));

    private static CheckFinding? Found(string looks, CheckRule rule) => looks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Index().Aggregate(
        (CheckFinding?)null, (finding, look) => CheckJudge.Add(rule, finding, Look(look.Item, Start.AddSeconds(15 * look.Index))));

    private static CheckLook Look(string look, DateTimeOffset at) => look switch
    {
        "+" => new CheckLook.Passed(at, "good"),
        "x" => new CheckLook.Failed(at, "bad"),
        "?" => new CheckLook.Unknown(at, DataClass.ProviderError, "nobody there"),
        _ => new CheckLook.Measured(at, double.Parse(look, System.Globalization.CultureInfo.InvariantCulture), null, $"{look} of it"),
    };

    private static string Told(Verdict verdict) => verdict switch
    {
        Verdict.Fail fail => $"Fail {fail.Reason}",
        Verdict.Hold hold => $"Hold {hold.Class}",
        _ => verdict.GetType().Name,
    };
}
