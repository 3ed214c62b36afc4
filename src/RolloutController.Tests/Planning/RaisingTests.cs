using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Progressing, on the way to a weight: pods, endpoints, weight, acceptance, propagation.</summary>
internal sealed class RaisingTests
{
    private static readonly PodTrouble Probe = new(PodTroubleKind.ProbeFailing, "shop-1: the probe fails", Now);

    [TestCase(false, null, null, 0, 0, 0, "AddFinalizer,PinService,PointCanaryService,CreateReplicaSet", TestName = "Raising: everything at first")]
    [TestCase(true, null, null, 0, 0, 0, "PinService,PointCanaryService,CreateReplicaSet", TestName = "Raising: pinned before pods exist")]
    [TestCase(true, "a", "b", 0, 0, 0, "CreateReplicaSet", TestName = "Raising: pods")]
    [TestCase(true, "a", "b", 3, 2, 2, "", TestName = "Raising: waits for pods")]
    [TestCase(true, "a", "b", 3, 3, 2, "", TestName = "Raising: waits for endpoints")]
    [TestCase(true, "a", "b", 3, 3, 3, "SetWeight", TestName = "Raising: the weight")]
    [TestCase(true, "a", "c", 3, 3, 3, "PointCanaryService", TestName = "Raising: the canary Service selects another")]
    [TestCase(true, "c", "b", 3, 3, 3, "PinService", TestName = "Raising: pinned to another")]
    public void Goes_up_in_order(bool finalizer, string? pinned, string? canary, int pods, int available, int endpoints, string expected)
    {
        RevisionSet[] sets = pods == 0 ? [Set("a", 10)] : [Set("a", 10), Set("b", pods, available)];
        var seen = Rollout(Step(25, StepStage.Raising), "b", sets).With(TrafficSeen(pinned, canary, 0, canaryReady: endpoints));

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = finalizer } });

        Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
        Assert.That(plan.Status.State, Is.EqualTo(seen.Status.State));
        Assert.That(plan.WakeAt, Is.EqualTo(Now - TimeSpan.FromSeconds(10) + TimeSpan.FromMinutes(10)));
    }

    [Test]
    public void A_canary_Service_is_not_pointed_elsewhere_under_a_weight()
    {
        var plan = Decide(Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "c", 25, canaryReady: 3)));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
    }

    [TestCase(0, 0, false, "")]
    [TestCase(1, 0, false, "")]
    [TestCase(1, 1, false, "SendMatched")]
    [TestCase(1, 1, true, "judged")]
    public void A_step_without_weight_gives_matched_requests_to_one_ready_pod(int available, int endpoints, bool matched, string expected)
    {
        var traffic = TrafficSeen("a", "b", 0, canaryReady: endpoints);
        var seen = Rollout(Step(0, StepStage.Raising), "b", Set("a", 10), Set("b", 1, available))
            .With(traffic with { Routes = [traffic.Routes[0] with { Matched = matched }] }).With(spec => spec with { Steps = [new() { Weight = 0 }, .. StepSpec.Default] });

        var plan = Decide(seen);

        Assert.That(plan.Status.State is Progressing { Stage: StepStage.Judging } ? "judged" : string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [Test]
    public void Matched_requests_are_taken_back_as_any_weight()
    {
        var traffic = TrafficSeen("a", "b", 0, canaryReady: 1);
        var seen = Rollout(Step(0, StepStage.Judging), "a", Set("a", 10), Set("b", 1)).With(traffic with { Routes = [traffic.Routes[0] with { Matched = true }] });

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>());
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
    }

    [Test]
    public void Set_but_not_accepted_it_waits_for_the_gateway()
    {
        var plan = Decide(Raised(25, "no gateway has seen it"));

        Assert.That(plan.Effects, Is.Empty);
        Assert.That(plan.Status.Message, Does.Contain("no gateway has seen it"));
        Assert.That(plan.Status.Conditions[0].Reason, Is.EqualTo("PropagatingRoute"));
        Assert.That(plan.Status.Weight, Is.EqualTo(25));
    }

    [Test]
    public void Not_accepted_for_long_a_person_is_called()
    {
        var seen = Raised(25, "no gateway has seen it").WithStatus(status => status with { State = Step(25, StepStage.Raising, TimeSpan.FromMinutes(11)) });

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.EqualTo(seen.Status.State), "the gateway is no fault of the version");
        Assert.That((plan.Condition("Stalled"), plan.WakeAt), Is.EqualTo(("True", (DateTimeOffset?)null)));
    }

    [Test]
    public void Accepted_the_clock_starts_after_propagation()
    {
        var plan = Decide(Raised(25, notAccepted: null));

        Assert.That(plan.Status.State, Is.EqualTo(new Progressing("a", "b", Routes, 25, StepStage.Judging, Now + TimeSpan.FromSeconds(5))));
        Assert.That(plan.WakeAt, Is.EqualTo(Now + TimeSpan.FromSeconds(65)));
        Assert.That(plan.Notices.Single().Reason.Word, Is.EqualTo("WeightSet"));
    }

    [Test]
    public void Evidence_starts_anew_with_the_clock()
    {
        var seen = Raised(25, notAccepted: null).With(spec => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } });

        var plan = Decide(seen with { Evidence = RolloutController.Analysis.Evidence.StartingAt(Now - TimeSpan.FromHours(1)) with { Requests = 1000, Errors = 1 } });

        Assert.That(plan.Evidence, Is.EqualTo(RolloutController.Analysis.Evidence.StartingAt(Now + TimeSpan.FromSeconds(5))));
        Assert.That(plan.Sampling, Is.EqualTo(new SamplingPlan("b", TimeSpan.FromSeconds(15)) { CountsRequests = true, Checks = seen.Spec.Analysis!.Checks }));
    }

    [Test]
    public void A_weight_that_somebody_else_set_starts_no_clock_before_the_pin()
    {
        var plan = Decide(Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen(null, "b", 25, canaryReady: 3)));

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Raising)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.PinService("a") }));
    }

    [TestCase(null, "ProgressDeadlineExceeded")]
    [TestCase(PodTroubleKind.Starting, "ProgressDeadlineExceeded")]
    [TestCase(PodTroubleKind.ProbeFailing, "ProbeFailing")]
    [TestCase(PodTroubleKind.ImagePull, "ImagePull")]
    [TestCase(PodTroubleKind.Unschedulable, "Unschedulable")]
    [TestCase(PodTroubleKind.CrashLoop, "CrashLoop")]
    public void Late_pods_roll_back(PodTroubleKind? kind, string reason)
    {
        var trouble = kind is { } known ? Probe with { Kind = known } : null;

        var plan = Decide(Rollout(Step(25, StepStage.Raising, TimeSpan.FromMinutes(10)), "b", Set("a", 10), Set("b", 3, 2, trouble)).With(TrafficSeen("a", "b", 5, canaryReady: 2)));

        Assert.That(plan.Status.State, Is.EqualTo(new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Failed)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
        Assert.That(plan.Status.FailedRevision, Is.EqualTo("b"));
        Assert.That(plan.Status.LastRollback, Has.Property("Reason").EqualTo(reason).And.Property("Value").EqualTo("2 of 3 available").And.Property("Check").EqualTo("pods"));
    }

    [Test]
    public void No_pod_under_a_weight_rolls_back_at_once()
    {
        var plan = Decide(Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3, 0)).With(TrafficSeen("a", "b", 5)));

        Assert.That(plan.Status.LastRollback!.Reason, Is.EqualTo("NoReadyPods"));
    }

    [Test]
    public void A_weight_for_another_revision_says_nothing_against_this_one()
    {
        var plan = Decide(Rollout(Step(5, StepStage.Raising), "b", Set("a", 10)).With(TrafficSeen("a", "c", 5)));

        Assert.That(plan.Status.State, Is.TypeOf<Progressing>());
        Assert.That(plan.Effects[0], Is.EqualTo(new Effect.SetWeight(0)));
    }

    [Test]
    public void Without_a_ready_pod_of_stable_everything_goes_to_the_new_version()
    {
        var first = Decide(Rollout(Step(5, StepStage.Raising), "b", Set("a", 10, 0), Set("b", 1)).With(TrafficSeen("a", "b", serviceReady: 0, canaryReady: 1)));
        Assert.That(first.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 10) }));
        Assert.That(first.Status.Message, Does.Contain("stable a has no ready pod"));

        var then = Decide(Rollout(Step(5, StepStage.Raising), "b", Set("a", 10, 0), Set("b", 10)).With(TrafficSeen("a", "b", serviceReady: 0, canaryReady: 10)));
        Assert.That(then.Status.State, Is.EqualTo(Step(100, StepStage.Raising, TimeSpan.Zero)), "the record first, so that it stays so when stable comes back");
        Assert.That(then.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(100) }));
    }

    [Test]
    public void Frozen_nothing_moves()
    {
        var seen = Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 5, canaryReady: 3)).With(spec => spec with { Paused = true });

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Raising) with { Frozen = true }));
        Assert.That((plan.Effects, plan.WakeAt, plan.Status.Phase), Is.EqualTo((Array.Empty<Effect>(), (DateTimeOffset?)null, Phase.Paused)));
    }

    [Test]
    public void Frozen_time_does_not_count_against_the_pods()
    {
        var state = Step(25, StepStage.Raising, TimeSpan.FromHours(2)) with { Frozen = true };

        var plan = Decide(Rollout(state, "b", Set("a", 10), Set("b", 3, 2)).With(TrafficSeen("a", "b", 5, canaryReady: 2)));

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Raising, TimeSpan.Zero)));
    }

    [TestCase("a", RollbackCause.Reverted)]
    [TestCase("c", RollbackCause.Superseded)]
    public void Another_template_ends_it(string asked, RollbackCause cause)
    {
        var plan = Decide(Rollout(Step(25, StepStage.Raising), asked, Set("a", 10), Set("b", 3, 0)).With(TrafficSeen("a", "b")));

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>().With.Property("Cause").EqualTo(cause));
        Assert.That(plan.Status.FailedRevision, Is.Empty);
    }

    [Test]
    public void A_refused_template_stops_it_and_late_pods_still_count()
    {
        var seen = Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3, 2)).With(TrafficSeen("a", "b", 5, canaryReady: 2));

        var plan = Decide(seen with { Template = new TemplateView.Refused(new Problem(EventReason.InvalidTemplate, "spec.template", "no containers")) });

        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.Invalid).And.Property("State").EqualTo(seen.Status.State));
        Assert.That(plan.WakeAt, Is.Not.Null);
    }

    [Test]
    public void Scaled_to_zero_it_ends()
    {
        var seen = Rollout(Step(25, StepStage.Raising), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)).With(spec => spec with { Replicas = 0 });

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>().With.Property("Cause").EqualTo(RollbackCause.ScaledToZero));
        Assert.That(plan.Effects[0], Is.EqualTo(new Effect.SetWeight(0)));
        Assert.That(plan.Status.FailedRevision, Is.Empty);
    }

    private static Observation Raised(int weight, string? notAccepted) =>
        Rollout(Step(weight, StepStage.Raising), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", weight, canaryReady: 3, notAccepted: notAccepted));
}
