using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Going on without a pass: what is left out, what is not, and that it is written down who asked for it.</summary>
internal sealed class SkippingTests
{
    private static readonly Waiver At25 = new("25 %", "operation 1 of alice");
    private static readonly Waiver From25 = new("everything from 25 % on", "operation 1 of alice");

    [Test]
    public void A_step_is_left_without_its_hold_its_pause_and_a_pass()
    {
        var plan = Decide(Asked(At(25, StepStage.Judging), OperationVerb.Skip).With(Pausing) with { Evidence = Unknown });

        Assert.That(plan.Status.State, Is.EqualTo(Step(50, StepStage.Raising, TimeSpan.Zero) with { Waiver = At25 }));
        Assert.That(plan.Notices.Select(notice => notice.Message), Has.Some.EqualTo("operation 1 of alice: Skip of b carried out; not judged: 25 %"));
    }

    [Test]
    public void The_step_after_it_is_judged_again()
    {
        var plan = Decide(At(50, StepStage.Judging, waiver: At25) with { Evidence = Unknown });

        Assert.That(((Progressing)plan.Status.State).Weight, Is.EqualTo(50));
        Assert.That(plan.Sampling, Is.Not.Null);
    }

    [Test]
    public void A_step_on_its_way_is_not_gone_to() => Assert.That(
        Decide(Asked(At(25, StepStage.Raising, carried: 5), OperationVerb.Skip)).Status.State,
        Is.EqualTo(Step(50, StepStage.Raising, TimeSpan.Zero) with { Waiver = At25 }));

    [Test]
    public void The_last_step_gets_its_pods_and_its_weight_before_it_is_left()
    {
        var plan = Decide(Asked(At(100, StepStage.Raising, carried: 50, ready: 5), OperationVerb.Skip));

        Assert.That(plan.Status.State, Is.InstanceOf<Progressing>().With.Property("Weight").EqualTo(100));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 10) }), "the pods before the weight");
        Assert.That(plan.Status.Message, Is.EqualTo("on the way to 100 %: waits for pods: 5 of 10 ready; not judged: 100 %, by operation 1 of alice"));
    }

    [Test]
    public void A_breach_takes_a_skipped_step_back_nevertheless()
    {
        var waits = At(25, StepStage.Judging, skip: SkipScope.Step, waiver: At25).With(spec => spec with { Paused = true });

        var plan = Decide(waits with { Evidence = Bad });

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>());
        Assert.That(plan.Status.LastRollback!.Check, Is.EqualTo("errorRate"));
    }

    [Test]
    public void Everything_is_left_out_but_pods_and_gateways()
    {
        var asked = Decide(Asked(At(25, StepStage.Judging), OperationVerb.PromoteFull).With(Pausing) with { Evidence = Unknown });
        Assert.That(asked.Status.State, Is.EqualTo(Step(100, StepStage.Raising, TimeSpan.Zero) with { Skip = SkipScope.Rest, Waiver = From25 }));
        Assert.That(asked.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 10) }), "the pods before the weight");
        Assert.That((asked.Sampling, asked.Status.Evidence), Is.EqualTo(((SamplingPlan?)null, (StoredEvidence?)null)), "nobody looks any more");

        var refused = Decide(At(100, StepStage.Judging, skip: SkipScope.Rest, waiver: From25, notAccepted: "HTTPRoute shop: refused") with { Evidence = Bad });
        Assert.That(refused.Status.State, Is.InstanceOf<Progressing>(), "the gateway has not accepted it");

        var accepted = Decide(At(100, StepStage.Judging, skip: SkipScope.Rest, waiver: From25) with { Evidence = Bad });
        Assert.That(accepted.Status.State, Is.EqualTo(new Promoting("a", "b", Routes, ConclusionStage.Pinning, Now) { Waiver = From25 }));
        Assert.That(accepted.Status.Message, Does.StartWith("b is promoted (not judged: everything from 25 % on, by operation 1 of alice): "));
    }

    [Test]
    public void Pods_that_fail_take_it_back_nevertheless()
    {
        var trouble = new PodTrouble(PodTroubleKind.CrashLoop, "pod b-1 crashes", Now);
        var seen = At(100, StepStage.Judging, skip: SkipScope.Rest, waiver: From25) with { Revisions = [Set("a", 10), Set("b", 10, 9, trouble)] };

        Assert.That(Decide(seen).Status.State, Is.InstanceOf<RollingBack>());
    }

    [Test]
    public void The_weight_has_to_reach_every_proxy_first()
    {
        var seen = At(100, StepStage.Judging, skip: SkipScope.Rest, waiver: From25);

        var plan = Decide(seen.WithStatus(status => status with { State = (Progressing)status.State with { Since = Now + TimeSpan.FromSeconds(3) } }));

        Assert.That((plan.Status.State, plan.WakeAt), Is.EqualTo((seen.Status.State is Progressing step ? (RolloutState)(step with { Since = Now + TimeSpan.FromSeconds(3) }) : null, (DateTimeOffset?)(Now + TimeSpan.FromSeconds(3)))));
    }

    [TestCase(OperationVerb.Skip)]
    [TestCase(OperationVerb.PromoteFull)]
    public void Pause_and_windows_hold_it_all_the_same(OperationVerb verb)
    {
        var frozen = Decide(Asked(At(25, StepStage.Judging), verb).With(spec => spec with { Paused = true }));
        Assert.That((frozen.Status.Phase, ((Progressing)frozen.Status.State).Weight), Is.EqualTo((Phase.Paused, 25)));

        var closed = Decide(Asked(At(25, StepStage.Judging), verb).With(Closed));
        Assert.That((closed.Condition("Progressing"), ((Progressing)closed.Status.State).Weight), Is.EqualTo(("True", 25)));
        Assert.That(closed.Status.Message, Does.Contain("goes on in the next of spec.windows"));

        var onTheWay = Decide(Asked(At(25, StepStage.Raising, carried: 5), verb).With(Closed));
        Assert.That(((Progressing)onTheWay.Status.State).Weight, Is.EqualTo(25), "it was on its way there before the window closed");
    }

    [TestCase(OperationVerb.Skip, false)]
    [TestCase(OperationVerb.PromoteFull, true)]
    public void Being_monitored_is_a_step_of_its_own(OperationVerb verb, bool isPromoted)
    {
        static RolloutSpec Monitored(RolloutSpec spec) => spec with { Monitor = new MonitorSpec { Duration = TimeSpan.FromMinutes(30) } };

        var last = Decide(Asked(At(100, StepStage.Judging), verb).With(Monitored));
        Assert.That(last.Status.State, isPromoted ? Is.InstanceOf<Promoting>() : Is.EqualTo(Step(100, StepStage.Monitoring, TimeSpan.Zero) with { Waiver = new("100 %", "operation 1 of alice") }));

        var monitored = Decide(Asked(At(100, StepStage.Monitoring), verb).With(Monitored));
        Assert.That(monitored.Status.State, Is.InstanceOf<Promoting>());
        Assert.That(((Promoting)monitored.Status.State).Waiver!.What, Does.Contain("the monitoring"));
    }

    [TestCase(OperationVerb.Skip, null)]
    [TestCase(OperationVerb.PromoteFull, SkipScope.Rest)]
    public void Gates_are_left_out_and_pods_come_before_any_traffic(OperationVerb verb, SkipScope? left)
    {
        static RolloutSpec Gated(RolloutSpec spec) => spec with { Gates = [new CheckSpec { Name = "database", Hook = new() { Name = "gate" } }, new CheckSpec { Name = "ready", Http = new() { Path = "/readyz" } }] };

        var plan = Decide(Asked(Rollout(Step(5, StepStage.Gating), "b", Set("a", 10)), verb).With(Gated));
        Assert.That(((Progressing)plan.Status.State).Stage, Is.EqualTo(StepStage.Previewing));
        Assert.That(plan.Effects, Has.Some.InstanceOf<Effect.CreateReplicaSet>().And.None.InstanceOf<Effect.SetWeight>());

        var up = Rollout(plan.Status.State, "b", Set("a", 10), Set("b", 1)).With(Gated).With(TrafficSeen("a", "b", canaryReady: 1));
        var raising = (Progressing)Decide(up).Status.State;
        Assert.That((raising.Stage, raising.Skip, raising.Weight), Is.EqualTo((StepStage.Raising, left, left is null ? 5 : 100)));
    }

    [Test]
    public void What_failed_sets_out_again_and_history_says_that_nobody_judged_it()
    {
        var failed = Asked(Rollout(new AtRest("a"), "b", Set("a", 10), Set("b", 0)), OperationVerb.PromoteFull).WithStatus(status => status with { FailedRevision = "b" });
        var plan = Decide(failed.With(spec => spec with { Operation = failed.Spec.Operation }));
        Assert.That(plan.Status.State, Is.EqualTo(Step(100, StepStage.Raising, TimeSpan.Zero) with { Skip = SkipScope.Rest, Waiver = new("everything from 5 % on", "operation 1 of alice") }));
        Assert.That(plan.Status.FailedRevision, Is.Empty);

        var settles = Decide(Rollout(new Promoting("a", "b", Routes, ConclusionStage.Shifting, Now) { Waiver = From25 }, "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("b", "b", serviceReady: 10, canaryReady: 10)));
        Assert.That(settles.Status.History[0].Message, Is.EqualTo("it replaced a; not judged: everything from 25 % on, by operation 1 of alice"));
        Assert.That(settles.Notices.Single(notice => notice.Reason == "Promoted").Message, Is.EqualTo("b has all the traffic; a goes; not judged: everything from 25 % on, by operation 1 of alice"));
    }

    [Test]
    public void What_is_left_out_adds_up()
    {
        var plan = Decide(Asked(At(50, StepStage.Judging, waiver: new Waiver("5 %", "operation 0 of bob")), OperationVerb.Skip));

        Assert.That(((Progressing)plan.Status.State).Waiver, Is.EqualTo(new Waiver("5 %, 50 %", "operation 0 of bob, operation 1 of alice")));
    }

    private static Evidence Unknown => Evidence.StartingAt(Now - TimeSpan.FromMinutes(1)) with { Class = DataClass.ProviderError };

    private static Evidence Bad => Evidence.StartingAt(Now - TimeSpan.FromMinutes(1)).Add(new Sample(Now, DataClass.Ok, "read", 1000, 500), ErrorRateRule.DefaultTolerance);

    private static RolloutSpec Pausing(RolloutSpec spec) => spec with { Steps = [new() { Weight = 25, Pause = true }, new() { Weight = 50 }, new() { Weight = 100 }] };

    private static RolloutSpec Closed(RolloutSpec spec) => spec with { Windows = new WindowsSpec { Open = [new OpenWindow { From = "20:00", To = "21:00" }] } };

    private static Observation Asked(Observation seen, OperationVerb verb) =>
        seen.With(spec => spec with { Operation = new OperationRequest { Id = "1", Verb = verb, Revision = "b", By = "alice" } });

    private static Observation At(int weight, StepStage stage, int? carried = null, int? ready = null, SkipScope? skip = null, Waiver? waiver = null, string? notAccepted = null)
    {
        var pods = ready ?? ReplicaArithmetic.CanaryForWeight(10, weight);
        return Rollout(Step(weight, stage) with { Skip = skip, Waiver = waiver }, "b", Set("a", 10), Set("b", pods))
            .With(TrafficSeen("a", "b", carried ?? weight, canaryReady: pods, notAccepted: notAccepted))
            .With(spec => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } });
    }
}
