using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary><c>status.history</c>.</summary>
internal sealed class RevisionHistoryTests
{
    private static IEnumerable<TestCaseData> Table()
    {
        yield return Case("first deployment", new Deploying("b", Now), new AtRest("b"), RevisionOutcome.Deployed, "it got all the traffic without steps");
        yield return Case("promotion", Promotion(ConclusionStage.Shifting), Promotion(ConclusionStage.Settling), RevisionOutcome.Promoted, "it passed every step and replaced a");
        yield return Case("promotion by pod counts", Promotion(ConclusionStage.Pinning) with { Traffic = null }, new AtRest("b"), RevisionOutcome.Promoted, "it passed every step and replaced a");
        yield return Case("breach", Step(25, StepStage.Judging), Back(RollbackCause.Failed), RevisionOutcome.RolledBack, "at 25 %: it crashes");
        yield return Case("collapse", Promotion(ConclusionStage.Settling), Back(RollbackCause.Failed), RevisionOutcome.RolledBack, "at 25 %: it crashes");
        yield return Case("abort", Step(25, StepStage.Judging), Back(RollbackCause.Aborted), RevisionOutcome.Aborted, "at 25 %: it crashes");
        yield return Case("undo", Step(25, StepStage.Judging), Back(RollbackCause.Undone), RevisionOutcome.Undone, "at 25 %: it crashes");
        yield return Case("newer template", Step(25, StepStage.Judging), Back(RollbackCause.Superseded), RevisionOutcome.Superseded, "c took its place");
        yield return Case("earlier template", Step(25, StepStage.Judging), Back(RollbackCause.Reverted), RevisionOutcome.Reverted, "the template became a again");
        yield return Case("no replicas", Step(25, StepStage.Judging), Back(RollbackCause.ScaledToZero), RevisionOutcome.ScaledToZero, "spec.replicas became 0");
    }

    [TestCaseSource(nameof(Table))]
    public void Records_the_end_of_a_revision(RolloutState before, RolloutState next, RevisionOutcome outcome, string message)
    {
        var after = RevisionHistory.Enter(Seen(before), next).Status;

        Assert.That(after.State, Is.EqualTo(next));
        Assert.That(after.History, Is.EqualTo(new[] { new RevisionRecord { Revision = "b", Images = ["shop:b"], Time = Now, Outcome = outcome, Message = message } }));
    }

    private static IEnumerable<TestCaseData> Nothing()
    {
        yield return new TestCaseData(new AtRest("a"), Step(5, StepStage.Raising));
        yield return new TestCaseData(Step(5, StepStage.Raising), Step(5, StepStage.Judging));
        yield return new TestCaseData(Promotion(ConclusionStage.Settling), new AtRest("b"));
        yield return new TestCaseData(Back(RollbackCause.Failed), new AtRest("a"));
        yield return new TestCaseData(new Deploying("a", Now), new Deploying("b", Now));
        yield return new TestCaseData(new Deploying("b", Now), new AtRest("a"));
        yield return new TestCaseData(new Initial(), Back(RollbackCause.RecordLost));
    }

    [TestCaseSource(nameof(Nothing))]
    public void Records_no_other_change(RolloutState before, RolloutState next) => Assert.That(RevisionHistory.Enter(Seen(before), next).Status.History, Is.Empty);

    private static IEnumerable<TestCaseData> Starts()
    {
        var earlier = Now - TimeSpan.FromHours(1);
        yield return new TestCaseData(new AtRest("a"), Step(5, StepStage.Raising), Now).SetArgDisplayNames("a canary sets out");
        yield return new TestCaseData(Step(5, StepStage.Judging), Step(25, StepStage.Raising), earlier).SetArgDisplayNames("it goes on");
        yield return new TestCaseData(Step(100, StepStage.Judging), Promotion(ConclusionStage.Pinning), earlier).SetArgDisplayNames("it is promoted");
        yield return new TestCaseData(Step(5, StepStage.Judging), Back(RollbackCause.Failed), earlier).SetArgDisplayNames("it is taken back");
        yield return new TestCaseData(Back(RollbackCause.Failed), Step(5, StepStage.Raising), Now).SetArgDisplayNames("it is tried again");
        yield return new TestCaseData(Promotion(ConclusionStage.Settling), Step(5, StepStage.Raising) with { Stable = "b", Canary = "c" }, Now).SetArgDisplayNames("the next one sets out");
        yield return new TestCaseData(Back(RollbackCause.Failed), new AtRest("a"), null).SetArgDisplayNames("it is over");
    }

    [TestCaseSource(nameof(Starts))]
    public void Tells_when_the_rollout_set_out(RolloutState before, RolloutState next, DateTimeOffset? expected)
    {
        var seen = Seen(before);

        var after = RevisionHistory.Enter(seen with { Status = seen.Status with { StartedAt = Now - TimeSpan.FromHours(1) } }, next);

        Assert.That(after.Status.StartedAt, Is.EqualTo(expected));
    }

    [Test]
    public void Traffic_that_is_moved_again_is_no_other_promotion()
    {
        var first = RevisionHistory.Enter(Seen(Promotion(ConclusionStage.Shifting)), Promotion(ConclusionStage.Settling));
        var again = RevisionHistory.Enter(RevisionHistory.Enter(first, Promotion(ConclusionStage.Shifting)), Promotion(ConclusionStage.Settling));

        Assert.That(again.Status.History, Has.Count.EqualTo(1));
    }

    [Test]
    public void Keeps_ten_the_newest_first_and_cuts_what_is_long()
    {
        var seen = Seen(Step(25, StepStage.Judging)) with { Revisions = [Set("b", 3) with { Images = [.. Enumerable.Repeat(new string('x', 600), 12)] }] };
        seen = seen.WithStatus(status => status with { LastRollback = new Rollback { Message = new string('y', 2000) } });
        for (var number = 0; number < 12; number++)
            seen = RevisionHistory.Enter(seen with { Now = Now.AddMinutes(number), Status = seen.Status with { State = Step(25, StepStage.Judging) } }, Back(RollbackCause.Failed));

        var history = seen.Status.History;
        Assert.That(history.Select(record => record.Time), Is.EqualTo(Enumerable.Range(2, 10).Reverse().Select(number => Now.AddMinutes(number))));
        Assert.That((history[0].Images.Count, history[0].Images[0].Length, history[0].Message.Length), Is.EqualTo((8, 512, 1024)));
    }

    [Test]
    public void A_Rollout_that_goes_records_nothing() =>
        Assert.That(RevisionHistory.Enter(Seen(Step(25, StepStage.Judging)).Deleted(TimeSpan.Zero), Back(RollbackCause.Reverted)).Status.History, Is.Empty);

    [Test]
    public void A_plan_carries_it_through_every_state_of_the_pass()
    {
        var crashing = new PodTrouble(PodTroubleKind.CrashLoop, "shop-1 crashes", Now);
        var seen = Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3, 2, crashing)).With(TrafficSeen("a", "b", 25, canaryReady: 2));

        var plan = Decide(seen);

        Assert.That(plan.Status.History.Single(), Has.Property("Outcome").EqualTo(RevisionOutcome.RolledBack).And.Property("Message").EqualTo(plan.Status.LastRollback!.Message));
    }

    private static TestCaseData Case(string name, RolloutState before, RolloutState next, RevisionOutcome outcome, string message) =>
        new TestCaseData(before, next, outcome, message).SetName($"History: {name}");

    private static Promoting Promotion(ConclusionStage stage) => new("a", "b", Routes, stage, Now);

    private static RollingBack Back(RollbackCause cause) => new("a", "b", Routes, ConclusionStage.Pinning, Now, cause);

    private static Observation Seen(RolloutState state) => Rollout(state, "c", Set("a", 10), Set("b", 3) with { Images = ["shop:b"] })
        .WithStatus(status => status with { LastRollback = new Rollback { Message = "at 25 %: it crashes" } });
}
