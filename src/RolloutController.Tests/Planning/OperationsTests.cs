using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

internal sealed class OperationsTests
{
    private static readonly RollingBack Failed = new("a", "b", Routes, ConclusionStage.Settling, Now - TimeSpan.FromSeconds(10), RollbackCause.Failed);

    private static readonly Promoting Promotion = new("a", "b", Routes, ConclusionStage.Settling, Now);

    private static IEnumerable<TestCaseData> Table()
    {
        yield return Case("Promote at a pause", Judging, OperationVerb.Promote, "b", OperationOutcome.Done, "carried out");
        yield return Case("Promote on the way", Step(25, StepStage.Raising), OperationVerb.Promote, "b", OperationOutcome.Refused, "not waiting for a person");
        yield return Case("Promote another revision", Judging, OperationVerb.Promote, "c", OperationOutcome.Refused, "b is");
        yield return Case("Promote at rest", new AtRest("a"), OperationVerb.Promote, "b", OperationOutcome.Refused, "not being rolled out");
        yield return Case("Abort on the way", Step(25, StepStage.Raising), OperationVerb.Abort, "b", OperationOutcome.Done, "carried out");
        yield return Case("Abort at a weight", Judging, OperationVerb.Abort, "b", OperationOutcome.Done, "carried out");
        yield return Case("Abort a rollback", Failed, OperationVerb.Abort, "b", OperationOutcome.Done, "carried out");
        yield return Case("Abort a promotion", Promotion, OperationVerb.Abort, "b", OperationOutcome.Refused, "apply the earlier template");
        yield return Case("Abort another revision", Judging, OperationVerb.Abort, "c", OperationOutcome.Refused, "b is");
        yield return Case("Abort at rest", new AtRest("a"), OperationVerb.Abort, "a", OperationOutcome.Refused, "not being rolled out");
        yield return Case("Retry what failed", new AtRest("a"), OperationVerb.Retry, "b", OperationOutcome.Done, "carried out");
        yield return Case("Retry while it is rolled back", Failed, OperationVerb.Retry, "b", OperationOutcome.Done, "carried out");
        yield return Case("Retry another revision", new AtRest("a"), OperationVerb.Retry, "c", OperationOutcome.Refused, "the one that failed is b");
        yield return Case("Skip on the way", Step(25, StepStage.Raising), OperationVerb.Skip, "b", OperationOutcome.Done, "Skip of b carried out; not judged: 25 %");
        yield return Case("Skip at a weight", Judging, OperationVerb.Skip, "b", OperationOutcome.Done, "not judged: 25 %");
        yield return Case("Skip another revision", Judging, OperationVerb.Skip, "c", OperationOutcome.Refused, "b is");
        yield return Case("Skip at rest", new AtRest("a"), OperationVerb.Skip, "b", OperationOutcome.Refused, "not being rolled out");
        yield return Case("Skip a promotion", Promotion, OperationVerb.Skip, "b", OperationOutcome.Refused, "no step left");
        yield return Case("PromoteFull on the way", Step(25, StepStage.Raising), OperationVerb.PromoteFull, "b", OperationOutcome.Done, "not judged: everything from 25 % on");
        yield return Case("PromoteFull at a weight", Judging, OperationVerb.PromoteFull, "b", OperationOutcome.Done, "not judged: everything from 25 % on");
        yield return Case("PromoteFull another revision", Judging, OperationVerb.PromoteFull, "c", OperationOutcome.Refused, "b is");
        yield return Case("PromoteFull what failed", new AtRest("a"), OperationVerb.PromoteFull, "b", OperationOutcome.Done, "not judged: everything from 25 % on");
        yield return Case("PromoteFull what is rolled back", Failed, OperationVerb.PromoteFull, "b", OperationOutcome.Refused, "ask again once a is at rest");
        yield return Case("PromoteFull what is promoted", Promotion, OperationVerb.PromoteFull, "b", OperationOutcome.Done, "carried out");
        yield return Case("PromoteFull what nobody asks for", new AtRest("a"), OperationVerb.PromoteFull, "c", OperationOutcome.Refused, "cannot set out now");
        yield return Case("PromoteFull what runs", new AtRest("a"), OperationVerb.PromoteFull, "a", OperationOutcome.Refused, "not being rolled out");
        yield return Case("Retry what is under way", Judging, OperationVerb.Retry, "b", OperationOutcome.Refused, "not a revision that failed");
    }

    private static Progressing Judging => Step(25, StepStage.Judging);

    [TestCaseSource(nameof(Table))]
    public void Is_carried_out_or_refused(RolloutState state, OperationVerb verb, string revision, OperationOutcome outcome, string message)
    {
        var result = Decide(Asked(state, verb, revision)).Status.Operation!;

        Assert.That((result.Id, result.Verb, result.Revision, result.Outcome, result.Time), Is.EqualTo(("1", verb, revision, outcome, Now)));
        Assert.That(result.Message, Does.Contain(message));
    }

    [Test]
    public void A_promotion_is_remembered_until_the_hold_is_over()
    {
        var plan = Decide(Asked(Judging, OperationVerb.Promote, "b"));

        Assert.That(plan.Status.State, Is.EqualTo(Judging with { Approved = true }));
    }

    [Test]
    public void An_abort_takes_traffic_back_and_remembers_the_version()
    {
        var plan = Decide(Asked(Judging, OperationVerb.Abort, "b"));

        Assert.That(plan.Status.State, Is.EqualTo(new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Aborted)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
        Assert.That(plan.Status.FailedRevision, Is.EqualTo("b"));
        Assert.That(plan.Status.LastRollback, Has.Property("Check").EqualTo("operation").And.Property("Message").EqualTo("aborted at 25 % by operation 1"));
    }

    [Test]
    public void A_retry_sets_out_anew()
    {
        var plan = Decide(Asked(new AtRest("a"), OperationVerb.Retry, "b"));

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Raising, TimeSpan.Zero)));
        Assert.That(plan.Status.FailedRevision, Is.Empty);
    }

    [Test]
    public void Who_asks_is_named()
    {
        var asked = Asked(Judging, OperationVerb.Abort, "b").With(spec => spec with { Operation = spec.Operation! with { By = "alice" } });

        Assert.That(Decide(asked).Status.LastRollback!.Message, Is.EqualTo("aborted at 25 % by operation 1 of alice"));
    }

    [Test]
    public void One_id_is_carried_out_once()
    {
        var first = Decide(Asked(Judging, OperationVerb.Promote, "b"));
        var seen = Asked(Step(25, StepStage.Judging, TimeSpan.FromSeconds(20)), OperationVerb.Promote, "b").WithStatus(status => status with { Operation = first.Status.Operation });

        var plan = Decide(seen);

        Assert.That(((Progressing)plan.Status.State).Approved, Is.False);
        Assert.That(plan.Status.Operation, Is.EqualTo(first.Status.Operation));
    }

    [Test]
    public void Nothing_is_carried_out_on_the_way_out()
    {
        Assert.That(Decide(Asked(new AtRest("a"), OperationVerb.Retry, "b").Deleted(TimeSpan.Zero)).Status.Operation, Is.Null);
    }

    private static TestCaseData Case(string name, RolloutState state, OperationVerb verb, string revision, OperationOutcome outcome, string message) =>
        new TestCaseData(state, verb, revision, outcome, message).SetName($"Operation: {name}");

    private static Observation Asked(RolloutState state, OperationVerb verb, string revision) =>
        Rollout(state, "b", Set("a", 10), Set("b", 3))
            .With(state is InFlight ? TrafficSeen(state is Promoting ? "b" : "a", "b", state is Progressing ? 25 : 0, canaryReady: 3) : TrafficSeen())
            .With(spec => spec with
            {
                Steps = [new() { Weight = 25, Pause = true }, new() { Weight = 100 }],
                Operation = new OperationRequest { Id = "1", Verb = verb, Revision = revision },
            })
            .WithStatus(status => status with { FailedRevision = state is Progressing or Promoting ? "" : "b" });
}
