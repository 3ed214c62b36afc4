using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class EvidenceTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static Sample Look(int seconds, DataClass data = DataClass.Ok) => new(Start.AddSeconds(seconds), data, $"look {seconds}", 100, 2, 1900, 3);

    [Test]
    public void Begins_with_nothing_known() =>
        Assert.That(Evidence.StartingAt(Start), Is.EqualTo(new Evidence { Since = Start, Class = DataClass.NoData }));

    [Test]
    public void Adds_up_and_keeps_the_last_word()
    {
        var evidence = Evidence.StartingAt(Start).Add(Look(15)).Add(Look(30, DataClass.Stale));

        Assert.That(evidence, Is.EqualTo(new Evidence
        {
            Since = Start,
            Requests = 200,
            Errors = 4,
            StableRequests = 3800,
            StableErrors = 6,
            Class = DataClass.Stale,
            Message = "look 30",
            SampledAt = Start.AddSeconds(30),
        }));
        Assert.That(evidence.ErrorRate, Is.EqualTo(.02));
    }

    [Test]
    public void Counts_a_look_once()
    {
        var evidence = Evidence.StartingAt(Start).Add(Look(15)).Add(Look(30));

        Assert.That(evidence.Add(Look(30)).Add(Look(15)), Is.EqualTo(evidence));
    }

    [TestCase(0)]
    [TestCase(-15)]
    public void Ignores_looks_from_before_the_step(int seconds) =>
        Assert.That(Evidence.StartingAt(Start).Add(Look(seconds)), Is.EqualTo(Evidence.StartingAt(Start)));
}
