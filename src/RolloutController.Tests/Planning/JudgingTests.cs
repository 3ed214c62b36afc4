using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Progressing, at a weight: hold, judgement, people, drift.</summary>
internal sealed class JudgingTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Test]
    public void Holds_as_long_as_the_step_says()
    {
        var plan = Decide(Judged(25, TimeSpan.FromSeconds(59)));

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Judging, TimeSpan.FromSeconds(59))));
        Assert.That((plan.Effects.Count, plan.WakeAt), Is.EqualTo((0, Now + TimeSpan.FromSeconds(1))));
        Assert.That(plan.Status, Has.Property("Step").EqualTo("2/4").And.Property("StepIndex").EqualTo(1).And.Property("Weight").EqualTo(25));
        Assert.That(plan.Status.Message, Does.StartWith("25 %:").And.Contains("holds until 12:00:01"));
    }

    [Test]
    public void Goes_on_to_the_next_step()
    {
        var plan = Decide(Judged(25, Minute));

        Assert.That(plan.Status.State, Is.EqualTo(Step(50, StepStage.Raising, TimeSpan.Zero)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 5) }), "the pods before the weight");
    }

    [Test]
    public void After_the_last_step_it_is_promoted()
    {
        var plan = Decide(Judged(100, Minute));

        Assert.That(plan.Status.State, Is.EqualTo(new Promoting("a", "b", Routes, ConclusionStage.Pinning, Now)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.PinService("b") }));
        Assert.That((plan.Condition("Succeeded"), plan.Status.Weight), Is.EqualTo(("Unknown", 100)), "the route still splits");
    }

    [Test]
    public void Does_not_go_on_while_a_gateway_refuses_the_route()
    {
        var plan = Decide(Judged(25, Minute).With(TrafficSeen("a", "b", 25, canaryReady: 3, notAccepted: "refused")));

        Assert.That(plan.Status.State, Is.EqualTo(Step(25, StepStage.Judging, Minute)));
    }

    [Test]
    public void Pods_follow_the_scale()
    {
        var plan = Decide(Judged(25, TimeSpan.Zero).With(spec => spec with { Replicas = 20 }));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 5), new Effect.ScaleReplicaSet("shop-a", 20) }));
    }

    [Faults.FaultRow(48, "steps that are edited midway")]
    [TestCase(10, 50, "2/3", TestName = "Steps edited: on to the next above")]
    [TestCase(30, 50, "2/3", TestName = "Steps edited: a weight that is no step any more stays")]
    [TestCase(60, 100, "3/3", TestName = "Steps edited: never down")]
    public void Edited_steps_never_lower_a_weight(int weight, int next, string shown)
    {
        StepSpec[] steps = [new() { Weight = 10 }, new() { Weight = 50 }, new() { Weight = 100 }];
        var pods = ReplicaArithmetic.CanaryForWeight(10, weight);
        var seen = Rollout(Step(weight, StepStage.Judging, Minute), "b", Set("a", 10), Set("b", pods))
            .With(TrafficSeen("a", "b", weight, canaryReady: pods)).With(spec => spec with { Steps = steps });

        var plan = Decide(seen);

        Assert.That(((Progressing)plan.Status.State).Weight, Is.EqualTo(next));
        Assert.That(plan.Status.Step, Is.EqualTo(shown));
    }

    [Test]
    public void Waits_for_a_person_where_the_step_says_so()
    {
        var seen = Judged(25, Minute).With(Pausing);

        var plan = Decide(seen);

        Assert.That((plan.Status.Phase, plan.Status.State), Is.EqualTo((Phase.Paused, seen.Status.State)));
        Assert.That(plan.Status.Message, Does.Contain("verb: Promote").And.Contain("revision: b"));
        Assert.That(plan.Condition("Reconciling"), Is.EqualTo("False"));
    }

    [Test]
    public void Goes_on_once_a_person_let_it()
    {
        var seen = Judged(25, Minute).With(Pausing).WithStatus(status => status with { State = Step(25, StepStage.Judging, Minute) with { Approved = true } });

        Assert.That(Decide(seen).Status.State, Is.EqualTo(Step(50, StepStage.Raising, TimeSpan.Zero)));
    }

    [Test]
    public void Frozen_it_stays_and_is_still_judged()
    {
        var frozen = Judged(25, Minute).With(spec => spec with { Paused = true });
        Assert.That(Decide(frozen).Status, Has.Property("Phase").EqualTo(Phase.Paused).And.Property("Weight").EqualTo(25));

        var bad = frozen.With(Analysed) with { Evidence = Counted(10_000, 5_000) };
        Assert.That(Decide(bad).Status.State, Is.InstanceOf<RollingBack>());
    }

    [TestCase(10_000, 10, DataClass.Ok, typeof(Progressing), 50, TestName = "Evidence: passes")]
    [TestCase(0, 0, DataClass.NoData, typeof(Progressing), 25, TestName = "Evidence: no data holds")]
    [TestCase(10_000, 10, DataClass.Stale, typeof(Progressing), 25, TestName = "Evidence: stale data holds")]
    [TestCase(10_000, 10, DataClass.ProviderError, typeof(Progressing), 25, TestName = "Evidence: no provider holds")]
    [TestCase(20, 0, DataClass.Ok, typeof(Progressing), 25, TestName = "Evidence: too few requests hold")]
    [TestCase(10_000, 1_000, DataClass.Ok, typeof(RollingBack), 25, TestName = "Evidence: a breach rolls back")]
    [TestCase(10_000, 1_000, DataClass.ProviderError, typeof(RollingBack), 25, TestName = "Evidence: a breach stays one when the provider goes")]
    public void Evidence_decides(long requests, long errors, DataClass data, Type state, int weight)
    {
        var plan = Decide(Judged(25, Minute).With(Analysed) with { Evidence = Counted(requests, errors) with { Class = data } });

        Assert.That(plan.Status.State, Is.TypeOf(state));
        Assert.That((plan.Status.State as Progressing)?.Weight ?? plan.Status.Weight, Is.EqualTo(weight));
    }

    [Test]
    public void A_breach_is_recorded_with_its_numbers()
    {
        var plan = Decide(Judged(25, Minute).With(Analysed) with { Evidence = Counted(1_000, 100) });

        Assert.That(plan.Status.FailedRevision, Is.EqualTo("b"));
        Assert.That(plan.Status.LastRollback, Is.EqualTo(new Rollback
        {
            Revision = "b",
            Check = "errorRate",
            Reason = "ErrorRateBreached",
            Message = plan.Status.LastRollback!.Message,
            Time = Now,
            Value = "10 %",
            Threshold = "1 %",
            Requests = 1_000,
            Errors = 100,
        }));
        Assert.That(plan.Status.LastRollback.Message, Does.StartWith("at 25 %:"));
        Assert.That(plan.Notices.Single(), Has.Property("Reason").EqualTo(EventReason.RolledBack).And.Property("IsWarning").True);
    }

    [Test]
    public void A_sampler_that_hangs_promotes_nothing()
    {
        var seen = Judged(25, TimeSpan.FromMinutes(5)).With(Analysed) with { Evidence = Counted(10_000, 10) with { SampledAt = Now - TimeSpan.FromMinutes(3) } };

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.EqualTo(seen.Status.State));
        Assert.That(plan.Status.Message, Does.Contain("11:57:00"));
    }

    /// <summary>It is asked each 20 s here, so half an interval after it was due is 30 s after the last answer.</summary>
    [TestCase(30, 50)]
    [TestCase(31, 25)]
    public void A_look_of_any_check_that_is_overdue_is_waited_for(int secondsAgo, int weight)
    {
        var check = new CheckSpec { Name = "ready", Http = new() { Path = "/readyz" }, Interval = TimeSpan.FromSeconds(20) };
        var finding = new CheckFinding { Name = "ready", Class = "Ok", Samples = 3, SampledAt = Now - TimeSpan.FromSeconds(secondsAgo), KnownAt = Now - TimeSpan.FromSeconds(secondsAgo) };
        var seen = Judged(25, Minute).With(spec => spec with { Analysis = new AnalysisSpec { Checks = [check] } }) with { Evidence = Evidence.StartingAt(Now - Minute) with { Checks = new([finding]) } };

        var state = (Progressing)Decide(seen).Status.State;

        Assert.That(state.Weight, Is.EqualTo(weight));
    }

    [TestCase(PodTroubleKind.CrashLoop, 0, "CrashLoop", TestName = "Pods: a crash loop rolls back at once")]
    [TestCase(PodTroubleKind.ProbeFailing, 9, "", TestName = "Pods: others have until the deadline")]
    [TestCase(PodTroubleKind.ProbeFailing, 10, "ProbeFailing", TestName = "Pods: and no longer")]
    public void Pods_that_break_are_judged(PodTroubleKind kind, int minutes, string reason)
    {
        var trouble = new PodTrouble(kind, "shop-1 is not ready", Now - TimeSpan.FromMinutes(minutes));
        var seen = Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3, 2, trouble)).With(TrafficSeen("a", "b", 25, canaryReady: 2));

        var plan = Decide(seen);

        Assert.That(plan.Status.LastRollback?.Reason ?? "", Is.EqualTo(reason));
        if (reason.Length == 0)
            Assert.That(plan.WakeAt, Is.LessThanOrEqualTo(Now + Minute));
    }

    [Test]
    public void A_weight_that_somebody_else_changed_is_put_right_at_once()
    {
        var plan = Decide(Judged(25, TimeSpan.Zero).With(TrafficSeen("a", "b", 0, canaryReady: 3)));

        Assert.That(((Progressing)plan.Status.State).Drift, Is.EqualTo(new RouteDrift(1, Now)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(25) }));
        Assert.That(plan.Notices.Single().Reason.Word, Is.EqualTo("RouteDrift"));
    }

    [TestCase(1, 1, false, false)]
    [TestCase(1, 2, true, false)]
    [TestCase(3, 7, false, true)]
    [TestCase(3, 8, true, true)]
    [TestCase(20, 63, false, true)]
    [TestCase(20, 64, true, true)]
    public void Then_after_ever_longer_waits(int count, int secondsAgo, bool again, bool stalled)
    {
        var state = Step(25, StepStage.Judging, Minute) with { Drift = new RouteDrift(count, Now - TimeSpan.FromSeconds(secondsAgo)) };

        var plan = Decide(Judged(25, Minute).With(TrafficSeen("a", "b", 90, canaryReady: 3)).WithStatus(status => status with { State = state }));

        Assert.That(plan.Effects, again ? Is.EqualTo(new Effect[] { new Effect.SetWeight(25) }) : Is.Empty);
        Assert.That(plan.Condition("Stalled"), Is.EqualTo(stalled ? "True" : "False"));
        Assert.That(((Progressing)plan.Status.State).Weight, Is.EqualTo(25), "nothing is promoted meanwhile");
    }

    [Faults.FaultRow(41, "a weight that somebody else changed, put right")]
    [Test]
    public void Once_it_is_put_right_its_hold_begins_anew()
    {
        var state = Step(25, StepStage.Judging, 2 * Minute) with { Drift = new RouteDrift(1, Now - TimeSpan.FromSeconds(5)) };
        var right = Judged(25, 2 * Minute).WithStatus(status => status with { State = state });

        var begun = (Progressing)Decide(right).Status.State;
        Assert.That(begun, Is.EqualTo(state with { Since = Now + Routes.Propagation }));
        Assert.That(((Progressing)Decide(right.WithStatus(status => status with { State = begun })).Status.State).Since, Is.EqualTo(begun.Since), "once");
        Assert.That(((Progressing)Decide(right.WithStatus(status => status with { State = state with { Drift = null } })).Status.State).Weight, Is.EqualTo(50));
    }

    [Test]
    public void A_canary_Service_that_went_gets_no_weight_before_its_endpoints()
    {
        var gone = Judged(25, TimeSpan.Zero).With(TrafficSeen("a", null, 25));
        Assert.That(Decide(gone).Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));

        var atRest = gone.With(TrafficSeen("a", null, 0));
        Assert.That(Decide(atRest).Effects, Is.EqualTo(new Effect[] { new Effect.PointCanaryService("b") }));
    }

    private static RolloutSpec Pausing(RolloutSpec spec) => spec with { Steps = [new() { Weight = 25, Pause = true }, new() { Weight = 50 }, new() { Weight = 100 }] };

    private static RolloutSpec Analysed(RolloutSpec spec) => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } };

    private static Evidence Counted(long requests, long errors) =>
        Evidence.StartingAt(Now - Minute).Add(new Sample(Now, DataClass.Ok, "read", requests, errors), ErrorRateRule.DefaultTolerance);

    private static Observation Judged(int weight, TimeSpan ago)
    {
        var pods = ReplicaArithmetic.CanaryForWeight(10, weight);
        return Rollout(Step(weight, StepStage.Judging, ago), "b", Set("a", 10), Set("b", pods)).With(TrafficSeen("a", "b", weight, canaryReady: pods));
    }
}
