using NUnit.Framework;
using RolloutController.Rehearsal.Reports;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Tests.Rehearsal.Reports;

internal sealed class TextReportTests
{
    private static readonly RehearsalResult Result = new(
        "store/shop", "good", "a version without fault", new RehearsalSettings { RequestsPerSecond = 12.5, Seed = 3 }, Outcome.Promoted, Outcome.Promoted, null, null, new TimeSpan(1, 2, 3), "all is well",
        new RequestSummary(1000, 20, 5, 300, 10, TimeSpan.FromMilliseconds(150)), ["mind the gap"],
        [
            new(TimeSpan.Zero, TimelineKind.World, "a new version is shipped", 0, 0),
            new(TimeSpan.FromSeconds(65), TimelineKind.Check, "looked", 5, 0),
            new(TimeSpan.FromSeconds(70), TimelineKind.Held, "holds", 5, 0),
        ],
        []);

    [Test]
    public void It_says_all_in_the_order_of_time() => Assert.That(Text(Result), Is.EqualTo(
        """
        Rollout store/shop, scenario good: a version without fault
        12.5 requests a second, scraped every 15 s, seed 3

          warning: mind the gap

              0:00  * a new version is shipped
              1:10  ! holds

        Promoted after 1:02:03.
        20 of 1,000 requests failed meanwhile, 5 of them for want of a ready pod; the new version had 300 of them, failed 10, and answered 99 of 100 within 150 ms

        """));

    [Test]
    public void Looks_are_told_when_they_are_asked_for() => Assert.That(Text(Result, everything: true), Does.Contain("    1:05  - looked\n"));

    [TestCase(Outcome.Promoted, Outcome.RolledBack, "Promoted after 1:02:03. That is not what should come of it: rolled-back.")]
    [TestCase(Outcome.RolledBack, null, "Rolled back after 1:02:03.")]
    [TestCase(Outcome.Stuck, Outcome.Promoted, "Stuck: all is well. That is not what should come of it: promoted.")]
    [TestCase(Outcome.Invalid, null, "Invalid: all is well.")]
    public void Ending_is_a_sentence(Outcome outcome, Outcome? expected, string ending) => Assert.That(TextReport.Ending(Result with { Outcome = outcome, Expected = expected }), Is.EqualTo(ending));

    [Test]
    public void Rollouts_are_named_where_there_are_several() =>
        Assert.That(TextReport.Names([Result, Result with { Rollout = "store/cart" }]), Is.EqualTo(new[] { "store/shop  good", "store/cart  good" }));

    private static string Text(RehearsalResult result, bool everything = false)
    {
        using var output = new StringWriter { NewLine = "\n" };
        TextReport.Write(result, output, everything);
        return output.ToString();
    }
}
