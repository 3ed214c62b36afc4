using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>People who send a header try a version out before anybody else meets it.</summary>
internal sealed class MatchStoryTests
{
    private const string Fields = """
        steps: [{weight: 0, hold: 5m}, {weight: 50}, {weight: 100}]
        traffic: {service: shop, routes: [{kind: HTTPRoute, name: shop}], match: {headers: [{name: X-Canary, value: always}]}}
        """;

    private static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void A_good_version_goes_on_to_everybody() => Story.Tell("analysis: {errorRate: {max: 0.5%}}", Start, async story =>
    {
        story.Change(Fields);
        var rest = story.Route;
        await story.ShipAsync("2");
        await story.UntilAsync(status => status.State is Progressing { Weight: 0, Stage: StepStage.Judging }, "the matched requests");
        Assert.That(story.Status.Message, Does.StartWith("matched requests: "));
        await story.PassAsync(TimeSpan.FromMinutes(4));
        Assert.That(story.RequestsOf("2"), Is.InRange(150, 300), "50 requests a second, 2 % of them with the header");
        Assert.That(story.Status.Weight, Is.Zero);
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(story.Route, Is.EqualTo(rest));
    });

    [Test]
    public void A_bad_one_meets_nobody_else() => Story.Tell("analysis: {errorRate: {max: 0.5%}}", Start, async story =>
    {
        story.Change(Fields);
        var rest = story.Route;
        story.Fail("2");
        await story.ShipAsync("2");
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That(story.Status.LastRollback!.Message, Does.StartWith("with matched requests: "));
        Assert.That(story.RequestsOf("2"), Is.LessThan(300));
        Assert.That(story.Route, Is.EqualTo(rest));
    });
}
