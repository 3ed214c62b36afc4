using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class EvidenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private const double Tolerance = ErrorRateRule.DefaultTolerance;

    private static Sample Look(int seconds, DataClass data = DataClass.Ok) => new(Start.AddSeconds(seconds), data, $"look {seconds}", 100, 2, 1900, 3);

    [Test]
    public void Begins_with_nothing_known() =>
        Assert.That(Evidence.StartingAt(Start), Is.EqualTo(new Evidence { Since = Start, Class = DataClass.NoData }));

    [Test]
    public void Adds_up_and_keeps_the_last_word()
    {
        var evidence = Evidence.StartingAt(Start).Add(Look(15), Tolerance).Add(Look(30, DataClass.Stale), Tolerance);

        Assert.That(evidence, Is.EqualTo(new Evidence
        {
            Since = Start,
            Requests = 200,
            Errors = 4,
            StableRequests = 3800,
            StableErrors = 6,
            Sequential = SequentialEvidence.None.Add(new LookCounts(100, 2, 1900, 3), Tolerance).Add(new LookCounts(100, 2, 1900, 3), Tolerance),
            Class = DataClass.Stale,
            Message = "look 30",
            SampledAt = Start.AddSeconds(30),
            UnknownSince = Start.AddSeconds(30),
        }));
        Assert.That(evidence.ErrorRate, Is.EqualTo(.02));
    }

    [Test]
    public void Counts_a_look_once()
    {
        var evidence = Evidence.StartingAt(Start).Add(Look(15), Tolerance).Add(Look(30), Tolerance);

        Assert.That(evidence.Add(Look(30), Tolerance).Add(Look(15), Tolerance), Is.EqualTo(evidence));
    }

    [TestCase(0)]
    [TestCase(-15)]
    public void Ignores_looks_from_before_the_step(int seconds) =>
        Assert.That(Evidence.StartingAt(Start).Add(Look(seconds), Tolerance), Is.EqualTo(Evidence.StartingAt(Start)));

    [Test]
    public void Next_step_counts_anew_and_keeps_what_speaks_against_the_version()
    {
        var evidence = (Evidence.StartingAt(Start) with { Dispersion = 2 }).Add(Look(15), Tolerance);

        var next = evidence.AtNextStep(Start.AddSeconds(60));

        Assert.That(next, Is.EqualTo(Evidence.StartingAt(Start.AddSeconds(60)) with { Sequential = evidence.Sequential, Dispersion = 2 }));
        Assert.That(next.Add(Look(75), Tolerance).Sequential.Errors, Is.EqualTo(4));
    }

    [Test]
    public void A_look_that_began_in_the_step_before_speaks_against_the_version_and_not_for_the_step()
    {
        var evidence = Evidence.StartingAt(Start).Add(Look(15), Tolerance).AtNextStep(Start.AddSeconds(60));

        var after = evidence.Add(Look(55), Tolerance);

        Assert.That(after, Is.EqualTo(evidence with { Sequential = evidence.Sequential.Add(new LookCounts(100, 2, 1900, 3), Tolerance) }));
    }

    [Test]
    public void Keeps_what_an_early_look_says_about_the_time_before() =>
        Assert.That(Evidence.StartingAt(Start).Add(Look(-15) with { Dispersion = 3 }, Tolerance), Is.EqualTo(Evidence.StartingAt(Start) with { Dispersion = 3 }));

    [Test]
    public void Survives_being_stored()
    {
        var evidence = (Evidence.StartingAt(Start) with { Dispersion = 2.5 }).Add(Look(15), Tolerance);

        var restored = Evidence.From(evidence.Stored());

        Assert.That(restored with { Sequential = evidence.Sequential }, Is.EqualTo(evidence));
        Assert.That((restored.Sequential.Requests, restored.Sequential.Errors), Is.EqualTo((100L, 2L)));
        Assert.That(restored.Sequential.Relative, Is.EqualTo(evidence.Sequential.Relative).Within(1e-6));
    }

    [TestCase(-1, 0)]
    [TestCase(0, 1)]
    public void A_look_of_a_check_counts_for_the_step_that_it_was_taken_in(int seconds, int findings)
    {
        var rule = CheckRule.Of(new RolloutController.Api.CheckSpec { Name = "smoke" }, TimeSpan.FromSeconds(15));
        Assert.That(Evidence.StartingAt(Start).Add(rule, new CheckLook.Passed(Start.AddSeconds(seconds), "it succeeded")).Checks.All, Has.Count.EqualTo(findings));
    }
}
