using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary><c>spec.monitor</c> on the embedded cluster.</summary>
internal sealed class MonitorStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Fields = """
        steps: [{weight: 50}, {weight: 100}]
        analysis: {errorRate: {max: 20%}}
        monitor: {duration: 30m, errorRate: {max: 1%}}
        """;

    [Test]
    public void A_breach_in_minute_20_of_30_goes_back_to_pods_that_never_went() => Story.Tell(Fields, Start, async story =>
    {
        await story.ShipAsync("2");
        await story.UntilAsync(IsMonitored, "it to be monitored");
        for (var minute = 0; minute < 20; minute++)
        {
            await story.PassAsync(TimeSpan.FromMinutes(1));
            Assert.That((story.ReadyPods("1"), story.Status.Step), Is.EqualTo((10, "2/2")), "the pods of the version before");
        }

        Assert.That(story.Status.Message, Does.StartWith("100 %: monitored until ").And.Contain(" (30m); "));
        story.Fail("2");
        var breach = story.Now;
        await story.UntilAsync(status => status.State is RollingBack { Stage: ConclusionStage.Settling }, "the traffic to be back");
        Assert.That(story.Now - breach, Is.LessThan(TimeSpan.FromMinutes(4)));
        Assert.That(story.ReadyPods("1"), Is.EqualTo(10));
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That(story.Status.LastRollback, Has.Property("Threshold").EqualTo("1 %"), "below the threshold of the steps");
    });

    [Test]
    public void A_good_version_is_promoted_after_its_time() => Story.Tell(Fields, Start, async story =>
    {
        await story.ShipAsync("2");
        await story.UntilAsync(IsMonitored, "it to be monitored");
        var since = story.Now;
        await story.UntilAtRestAsync(Phase.Healthy);

        Assert.That(story.Now - since, Is.InRange(TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(33)));
        Assert.That(story.ReadyPods("1"), Is.Zero);
    });

    private static bool IsMonitored(RolloutStatus status) => status.State is Progressing { Stage: StepStage.Monitoring };
}
