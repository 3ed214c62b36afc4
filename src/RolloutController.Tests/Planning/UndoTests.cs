using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>The operation Undo, and what it makes of the template.</summary>
internal sealed class UndoTests
{
    private static readonly UndoneTemplate ToA = new("b", "a");

    private static IEnumerable<TestCaseData> Refused()
    {
        yield return Case("to the revision that runs", new AtRest("b"), "b", "b is the revision that runs already; it can be undone to: c (shop:c), a (shop:a)");
        yield return Case("to the one that is rolled out", Step(25, StepStage.Judging), "b", "b is the revision that runs already");
        yield return Case("to the one that is promoted", Promotion(ConclusionStage.Settling), "b", "b is the revision that runs already");
        yield return Case("to the one that traffic goes back to", Back(RollbackCause.Failed), "a", "a is the revision that runs already");
        yield return Case("to one that is not kept", new AtRest("b"), "x", "there is no ReplicaSet of x any more; it can be undone to: c (shop:c), a (shop:a)");
        yield return Case("without a record", new Initial(), "a", "the Rollout has no record yet");
    }

    [TestCaseSource(nameof(Refused))]
    public void Is_refused(RolloutState state, string revision, string message)
    {
        var plan = Decide(Asked(state, revision));

        Assert.That((plan.Status.Operation!.Outcome, plan.Status.Undo), Is.EqualTo((OperationOutcome.Refused, (UndoneTemplate?)null)));
        Assert.That(plan.Status.Operation.Message, Does.Contain(message));
    }

    [Test]
    public void Is_refused_while_the_template_is() =>
        Assert.That(Decide(Asked(new AtRest("b"), "a") with { Template = NotAccepted }).Status.Operation!.Message, Does.StartWith("nothing tells what to go back from: the template is not accepted"));

    [Test]
    public void Midway_it_takes_the_rollout_back_at_once()
    {
        var plan = Decide(Asked(Step(25, StepStage.Judging), "a"));

        Assert.That(plan.Status.State, Is.EqualTo(Back(RollbackCause.Undone) with { Stage = ConclusionStage.Shifting, Since = Now }));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
        Assert.That((plan.Status.Undo, plan.Status.FailedRevision), Is.EqualTo((ToA, "")));
        Assert.That(plan.Status.LastRollback, Has.Property("Reason").EqualTo("Undone").And.Property("Message").EqualTo("undone at 25 % by operation 1"));
        Assert.That(plan.Status.History.Select(record => (record.Revision, record.Outcome, record.Message)), Is.EqualTo(new[] { ("b", RevisionOutcome.Undone, "undone at 25 % by operation 1") }));
        Assert.That(plan.Notices.Select(notice => notice.Reason.Word), Is.EqualTo(new[] { "RolledBack" }));
    }

    [TestCase(ConclusionStage.Pinning, TestName = "Undo while the Service is pinned")]
    [TestCase(ConclusionStage.Shifting, TestName = "Undo while the route goes back to its form")]
    [TestCase(ConclusionStage.Settling, TestName = "Undo while the pods drain")]
    public void After_the_last_step_it_goes_back_without_steps_while_the_pods_are_up(ConclusionStage stage)
    {
        var plan = Decide(Asked(Promotion(stage), "a"));

        Assert.That(plan.Status.State, Is.EqualTo(Back(RollbackCause.Undone) with { Stage = ConclusionStage.Pinning, Since = Now }));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.PinService("a") }));
        Assert.That(plan.Status.Undo, Is.EqualTo(ToA));
    }

    [Test]
    public void Then_it_waits_for_the_endpoints_without_calling_anybody()
    {
        var lagging = TrafficSeen("a", "b", 0, canaryReady: 10) with { ServiceEndpoints = new Dictionary<string, int> { ["b"] = 10 } };

        var plan = Decide(Undone(Back(RollbackCause.Undone) with { Stage = ConclusionStage.Pinning, Since = Now }).With(lagging));

        Assert.That((plan.Status.State, plan.Condition("Stalled"), plan.Notices.Count), Is.EqualTo(((RolloutState)(Back(RollbackCause.Undone) with { Stage = ConclusionStage.Pinning, Since = Now }), "False", 0)));
        Assert.That(plan.Status.Message, Does.EndWith("waits for the Service's endpoints of a"));
    }

    [Test]
    public void Once_the_pods_go_it_takes_the_steps()
    {
        var seen = Asked(Promotion(ConclusionStage.Settling), "a") with { Revisions = [Set("a", 4), Set("b", 10), Set("c", 0)] };

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.EqualTo(new Progressing("b", "a", Routes, 5, StepStage.Raising, Now)));
        Assert.That(plan.Status.Undo, Is.EqualTo(ToA));
    }

    [Test]
    public void At_rest_it_takes_the_steps_outside_the_windows_too()
    {
        var plan = Decide(Asked(new AtRest("b"), "c").With(spec => spec with { Windows = new WindowsSpec { Open = [new OpenWindow { From = "20:00" }] } }));

        Assert.That(plan.Status.State, Is.EqualTo(new Progressing("b", "c", Routes, 5, StepStage.Raising, Now)));
        Assert.That((plan.Status.Undo, plan.Sampling, plan.Evidence), Is.EqualTo((new UndoneTemplate("b", "c"), (SamplingPlan?)null, plan.Evidence)));
    }

    [Test]
    public void A_revision_that_failed_may_be_asked_for()
    {
        var plan = Decide(Asked(new AtRest("b"), "c").WithStatus(status => status with { FailedRevision = "c" }));

        Assert.That((plan.Status.State is Progressing, plan.Status.FailedRevision), Is.EqualTo((true, "")));
    }

    [Test]
    public void To_the_revision_of_the_template_it_lifts_the_undo()
    {
        var plan = Decide(Undone(new AtRest("a")).With(spec => spec with { Operation = Operation(OperationVerb.Undo, "b") }));

        Assert.That((plan.Status.Undo, plan.Status.State), Is.EqualTo(((UndoneTemplate?)null, (RolloutState)new Progressing("a", "b", Routes, 5, StepStage.Raising, Now))));
    }

    [TestCase("b", TestName = "Retry of the revision that was undone")]
    public void A_retry_lifts_it(string revision)
    {
        var plan = Decide(Undone(new AtRest("a")).With(spec => spec with { Operation = Operation(OperationVerb.Retry, revision) }));

        Assert.That((plan.Status.Undo, plan.Status.State is Progressing { Canary: "b" }), Is.EqualTo(((UndoneTemplate?)null, true)));
    }

    [Test]
    public void As_long_as_the_template_asks_for_it_the_undone_revision_is_not_tried()
    {
        var plan = Decide(Undone(new AtRest("a")));

        Assert.That(plan.Status.State, Is.EqualTo(new AtRest("a")));
        Assert.That((plan.Status.Phase, plan.Condition("Ready"), plan.Condition("Stalled"), plan.Status.Conditions[0].Reason), Is.EqualTo((Phase.RolledBack, "False", "True", "Undone")));
        Assert.That(plan.Status.Message, Does.StartWith("a has all the traffic; b, which the template asks for, was undone").And.Contain("Retry"));
        Assert.That((plan.Effects.Count, plan.WakeAt), Is.EqualTo((0, (DateTimeOffset?)null)));
        Assert.That(Decide(Undone(new AtRest("a")) with { Status = plan.Status }).Status.History, Is.SameAs(plan.Status.History), "nothing to write");
    }

    [TestCase("a", "AtRest", TestName = "Undo is over: the template asks for the revision that was gone back to")]
    [TestCase("c", "Progressing", TestName = "Undo is over: the template asks for a third one")]
    public void Anything_else_in_the_template_ends_it(string asked, string state)
    {
        var plan = Decide(Undone(new AtRest("a")) with { Template = new TemplateView.Accepted(asked) });

        Assert.That((plan.Status.Undo, plan.Status.State.GetType().Name), Is.EqualTo(((UndoneTemplate?)null, state)));
    }

    [Test]
    public void A_template_that_is_not_accepted_does_not_end_it() =>
        Assert.That(Decide(Undone(new AtRest("a")) with { Template = NotAccepted }).Status.Undo, Is.EqualTo(ToA));

    [Test]
    public void Without_its_ReplicaSet_it_is_over_and_nothing_is_made_under_its_name()
    {
        var plan = Decide(Undone(new Progressing("b", "a", Routes, 5, StepStage.Raising, Now)) with { Revisions = [Set("b", 10)], Traffic = TrafficSeen("b", "a") });

        Assert.That((plan.Status.Undo, plan.Status.State), Is.EqualTo(((UndoneTemplate?)null, (RolloutState)new RollingBack("b", "a", Routes, ConclusionStage.Settling, Now + Routes.Propagation, RollbackCause.Reverted))));
        Assert.That(plan.Effects.OfType<Effect.CreateReplicaSet>(), Is.Empty);
    }

    [Test]
    public void One_that_fails_is_over_once_the_version_of_the_template_has_the_traffic_again()
    {
        var settled = new RollingBack("b", "a", Routes, ConclusionStage.Settling, Now - TimeSpan.FromMinutes(1), RollbackCause.Failed);
        var seen = Undone(settled).With(TrafficSeen()).WithStatus(status => status with { FailedRevision = "a" }) with { Revisions = [Set("a", 0), Set("b", 10)] };

        var plan = Decide(seen);

        Assert.That((plan.Status.State, plan.Status.Undo, plan.Status.Phase), Is.EqualTo(((RolloutState)new AtRest("b"), (UndoneTemplate?)null, Phase.Healthy)));
    }

    [Test]
    public void One_that_fails_over_a_third_version_does_not_let_the_template_start()
    {
        var seen = Undone(new AtRest("c")).WithStatus(status => status with { FailedRevision = "a" }) with { Revisions = [Set("a", 0), Set("b", 0), Set("c", 10)] };

        var plan = Decide(seen);

        Assert.That((plan.Status.State, plan.Status.Undo, plan.Status.Phase), Is.EqualTo(((RolloutState)new AtRest("c"), ToA, Phase.RolledBack)));
    }

    [Test]
    public void The_ReplicaSets_that_it_is_about_are_kept()
    {
        var seen = Undone(new AtRest("c")).WithStatus(status => status with { FailedRevision = "a" }).With(spec => spec with { RevisionHistoryLimit = 0 });

        var plan = Decide(seen with { Revisions = [Set("a", 0), Set("b", 0), Set("c", 10), Set("d", 0)] });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.DeleteReplicaSet("shop-d") }));
    }

    private static TemplateView NotAccepted => new TemplateView.Refused(new Problem(EventReason.InvalidTemplate, "spec.template", "a pod needs a container"));

    private static TestCaseData Case(string name, RolloutState state, string revision, string message) =>
        new TestCaseData(state, revision, message).SetName($"Undo is refused: {name}");

    private static OperationRequest Operation(OperationVerb verb, string revision) => new() { Id = "1", Verb = verb, Revision = revision };

    private static Promoting Promotion(ConclusionStage stage) => new("a", "b", Routes, stage, Now - TimeSpan.FromSeconds(10));

    private static RollingBack Back(RollbackCause cause) => new("a", "b", Routes, ConclusionStage.Settling, Now - TimeSpan.FromSeconds(10), cause);

    private static Observation Asked(RolloutState state, string revision)
    {
        var canaryWeight = state switch { Progressing step => step.Weight, Promoting { Stage: not ConclusionStage.Settling } => 100, _ => 0 };
        RevisionSet[] sets = [Set("a", state is InFlight or Initial ? 10 : 0), Set("b", state is Progressing ? 3 : 10), Set("c", 0)];
        return Rollout(state, "b", [.. sets.Select(set => set with { Images = [$"shop:{set.Revision}"] })])
            .With(state is InFlight ? TrafficSeen(state is Promoting ? "b" : "a", "b", canaryWeight, canaryReady: 3) : TrafficSeen())
            .With(spec => spec with { Operation = Operation(OperationVerb.Undo, revision) });
    }

    private static Observation Undone(RolloutState state) =>
        Rollout(state, "b", Set("a", 10), Set("b", state is AtRest ? 0 : 10), Set("c", 0)).WithStatus(status => status with { Undo = ToA });
}
