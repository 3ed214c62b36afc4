using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>Undo and <c>status.history</c> on the embedded cluster.</summary>
internal sealed class UndoStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Fields = """
        steps: [{weight: 50, hold: 2m}, {weight: 100}]
        analysis: {errorRate: {max: 1%}}
        scaleDownDelay: 5m
        """;

    [Test]
    public void A_version_whose_predecessor_is_still_up_is_undone_at_once() => Story.Tell(Fields, Start, async story =>
    {
        var (first, second) = (story.RevisionOf("1"), await story.ShipAsync("2"));
        await story.UntilAsync(status => status.State is Promoting { Stage: ConclusionStage.Settling }, "it to be promoted");

        var asked = story.Now;
        Assert.That((await story.OperateAsync(OperationVerb.Undo, first)).Outcome, Is.EqualTo(OperationOutcome.Done));
        await story.UntilAsync(status => status.State is RollingBack { Stage: ConclusionStage.Settling }, "the traffic to be back");
        Assert.That(story.Now - asked, Is.LessThan(TimeSpan.FromSeconds(15)));

        var atRest = await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That((atRest.State, atRest.Undo), Is.EqualTo(((RolloutState)new AtRest(first), new UndoneTemplate(second, first))));
        Assert.That(atRest.Conditions.Single(condition => condition.Type == "Stalled"), Has.Property("Reason").EqualTo("Undone"));
        Assert.That(
            atRest.History.Select(record => (record.Revision, record.Images[0], record.Outcome)),
            Is.EqualTo(new[] { (second, "shop:2", RevisionOutcome.Undone), (second, "shop:2", RevisionOutcome.Promoted), (first, "shop:1", RevisionOutcome.Deployed) }));

        var written = story.Course.Count;
        await story.PassAsync(TimeSpan.FromHours(1));
        Assert.That(story.Course, Has.Count.EqualTo(written), "status writes at rest");

        await story.ShipAsync("3");
        Assert.That((await story.UntilAtRestAsync(Phase.Healthy)).Undo, Is.Null);
    });

    [Test]
    public void A_version_at_rest_is_undone_by_the_steps() => Story.Tell(Fields, Start, async story =>
    {
        var (first, second) = (story.RevisionOf("1"), await story.ShipAsync("2"));
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That(story.ReadyPods("1"), Is.Zero);

        await story.OperateAsync(OperationVerb.Undo, first);
        var half = await story.UntilAsync(status => status.State is Progressing { Stage: StepStage.Judging }, "the first step");
        Assert.That((half.StableRevision, half.CanaryRevision, half.Weight), Is.EqualTo((second, first, 50)));
        await story.UntilAtRestAsync(Phase.RolledBack);
        Assert.That((story.Status.StableRevision, story.ReadyPods("1"), story.ReadyPods("2")), Is.EqualTo((first, 10, 0)));

        await story.OperateAsync(OperationVerb.Retry, second);
        await story.UntilAtRestAsync(Phase.Healthy);
        Assert.That((story.Status.StableRevision, story.Status.Undo), Is.EqualTo((second, (UndoneTemplate?)null)));
    });

    [Test]
    public void An_undo_that_fails_goes_back_and_ends_there() => Story.Tell(Fields, Start, async story =>
    {
        var (first, second) = (story.RevisionOf("1"), await story.ShipAsync("2"));
        await story.UntilAtRestAsync(Phase.Healthy);
        story.Fail("1");

        await story.OperateAsync(OperationVerb.Undo, first);
        await story.UntilAsync(status => status.State is RollingBack, "it to fail");
        await story.UntilAtRestAsync(Phase.Healthy);
        await story.PassAsync(TimeSpan.FromHours(1));
        Assert.That((story.Status.State, story.Status.Undo, story.Status.Phase), Is.EqualTo(((RolloutState)new AtRest(second), (UndoneTemplate?)null, Phase.Healthy)));
        Assert.That(story.Status.History[0], Has.Property("Revision").EqualTo(first).And.Property("Outcome").EqualTo(RevisionOutcome.RolledBack));
    });
}
