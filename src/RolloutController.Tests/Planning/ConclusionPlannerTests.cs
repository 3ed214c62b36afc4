using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Promoting and RollingBack by routes, stage by stage.</summary>
internal sealed class ConclusionPlannerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [TestCase("a", 10, 10, "PinService", ConclusionStage.Pinning, TestName = "Promoting: pins the Service to the survivor")]
    [TestCase("b", 0, 10, "", ConclusionStage.Pinning, TestName = "Promoting: waits for the Service's endpoints")]
    [TestCase("b", 9, 10, "", ConclusionStage.Pinning, TestName = "Promoting: waits for all of them")]
    [TestCase("b", 10, 10, "", ConclusionStage.Shifting, TestName = "Promoting: then for the proxies")]
    public void Promotes_the_name_first(string pinned, int endpoints, int pods, string expected, ConclusionStage stage)
    {
        var plan = Decide(Rollout(Promoted(ConclusionStage.Pinning), "b", Set("a", 10), Set("b", pods)).With(TrafficSeen(pinned, "b", 100, endpoints, 10)));

        Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
        Assert.That(((Promoting)plan.Status.State).Stage, Is.EqualTo(stage));
        Assert.That((plan.Condition("Ready"), plan.Condition("Reconciling")), Is.EqualTo(("False", "True")));
    }

    [Test]
    public void Waits_until_every_proxy_knows_the_endpoints()
    {
        var state = Promoted(ConclusionStage.Shifting) with { Since = Now + Second };

        var plan = Decide(Rollout(state, "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("b", "b", 100, 10, 10)));

        Assert.That((plan.Effects.Count, plan.WakeAt), Is.EqualTo((0, Now + Second)));
    }

    [TestCase(100, null, "SetWeight", ConclusionStage.Shifting, TestName = "Shifting: gives the route back")]
    [TestCase(0, "not seen", "", ConclusionStage.Shifting, TestName = "Shifting: waits for the gateway")]
    [TestCase(0, null, "", ConclusionStage.Settling, TestName = "Shifting: accepted")]
    public void Shifts_the_route(int weight, string? notAccepted, string expected, ConclusionStage stage)
    {
        foreach (var state in new Concluding[] { Promoted(ConclusionStage.Shifting), RolledBack(ConclusionStage.Shifting) })
        {
            var plan = Decide(Rollout(state, state.Survivor, Set("a", 10), Set("b", 10)).With(TrafficSeen(state.Survivor, "b", weight, 10, 10, notAccepted)));

            Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
            Assert.That(((Concluding)plan.Status.State).Stage, Is.EqualTo(stage));
        }
    }

    [Test]
    public void Settles_in_order()
    {
        var drains = Decide(Settling(drained: false, loserPods: 10));
        Assert.That((drains.Effects.Count, drains.WakeAt), Is.EqualTo((0, Now + TimeSpan.FromSeconds(20))), "scaleDownDelay");
        Assert.That((drains.Status.Phase, drains.Status.StableRevision, drains.Status.CanaryRevision, drains.Status.Weight), Is.EqualTo((Phase.Healthy, "b", "", 100)));
        Assert.That(drains.Condition("Succeeded"), Is.EqualTo("True"));

        Assert.That(Decide(Settling(drained: true, loserPods: 10)).Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 0) }));
        Assert.That(Decide(Settling(drained: true, loserPods: 0)).Effects, Is.EqualTo(new Effect[] { new Effect.UnpinService(), new Effect.DeleteCanaryService() }));

        var rests = Decide(Settling(drained: true, loserPods: 0).With(TrafficSeen()));
        Assert.That(rests.Status.State, Is.EqualTo(new AtRest("b")));
        Assert.That(rests.Effects, Is.EqualTo(new Effect[] { new Effect.RemoveFinalizer() }));
    }

    [Test]
    public void The_pin_stays_while_a_pod_of_the_loser_is_left()
    {
        var seen = Settling(drained: true, loserPods: 0);

        var plan = Decide(seen with { Revisions = [Set("a", 0) with { Current = 1 }, Set("b", 10)] });

        Assert.That(plan.Effects, Is.Empty);
    }

    [Test]
    public void Another_version_is_not_ready_because_the_last_one_was()
    {
        var plan = Decide(Settling(drained: false, loserPods: 10) with { Template = new TemplateView.Refused(new Problem(EventReason.InvalidTemplate, "spec.template", "no")) });

        Assert.That((plan.Condition("Ready"), plan.Condition("Succeeded")), Is.EqualTo(("False", "Unknown")));
    }

    [Test]
    public void A_newer_version_sets_out_without_waiting_for_the_pods()
    {
        var early = Settling(drained: false, loserPods: 10) with { Template = new TemplateView.Accepted("c") };
        var plan = Decide(early.WithStatus(status => status with { State = Promoted(ConclusionStage.Settling) with { Since = Now + Second } }));
        Assert.That((plan.Status.State, plan.WakeAt), Is.EqualTo(((RolloutState)(Promoted(ConclusionStage.Settling) with { Since = Now + Second }), Now + Second)), "the route is still propagating");

        var then = Decide(early);
        Assert.That(then.Status.State, Is.EqualTo(new Progressing("b", "c", Routes, 5, StepStage.Raising, Now)));
        Assert.That(then.Effects[0], Is.EqualTo(new Effect.PointCanaryService("c")));
    }

    [Test]
    public void Traffic_that_somebody_else_moved_is_shifted_again_before_pods_go()
    {
        var plan = Decide(Settling(drained: true, loserPods: 10).With(TrafficSeen("b", "b", 50, 10, 10)));

        Assert.That(plan.Status.State, Is.EqualTo(Promoted(ConclusionStage.Shifting) with { Since = Now }));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
    }

    [Test]
    public void Rolls_back_without_metrics_and_without_a_healthy_canary()
    {
        var plan = Decide(Rollout(RolledBack(ConclusionStage.Pinning), "b", Set("a", 10), Set("b", 3, 0)).With(TrafficSeen("a", "b", 25)));

        Assert.That(plan.Status.State, Is.EqualTo(RolledBack(ConclusionStage.Shifting) with { Since = Now }));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
        Assert.That((plan.Status.Phase, plan.Condition("Succeeded")), Is.EqualTo((Phase.RollingBack, "False")));
    }

    [Test]
    public void Rolls_back_at_once_whatever_stable_lacks_of_its_pods()
    {
        var plan = Decide(Rollout(RolledBack(ConclusionStage.Pinning), "b", Set("a", 4, 1), Set("b", 3)).With(TrafficSeen("a", "b", 25, 1, 3)));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0), new Effect.ScaleReplicaSet("shop-a", 10) }));
    }

    [Faults.FaultRow(43, "a drain takes all stable pods")]
    [TestCase(0, 3, true, TestName = "Blocked: stable has none and the canary serves")]
    [TestCase(1, 3, false, TestName = "Blocked: not with one ready pod of stable")]
    [TestCase(0, 0, false, TestName = "Blocked: not where nobody serves")]
    public void A_rollback_to_nothing_is_blocked(int stable, int canary, bool blocked)
    {
        var plan = Decide(Rollout(RolledBack(ConclusionStage.Pinning), "b", Set("a", 10, stable), Set("b", 3, canary)).With(TrafficSeen("a", "b", 25, stable, canary)));

        Assert.That(plan.Effects.OfType<Effect.SetWeight>().Any(), Is.EqualTo(!blocked));
        Assert.That(plan.Notices.Any(notice => notice.Reason == "RollbackBlocked"), Is.EqualTo(blocked));
        Assert.That(plan.Condition("Stalled"), Is.EqualTo(stable == 0 ? "True" : "False"));
        if (blocked)
            Assert.That(plan.WakeAt, Is.EqualTo(Now + TimeSpan.FromSeconds(5)));
    }

    [Test]
    public void The_finalizer_comes_before_the_pin()
    {
        var seen = Rollout(RolledBack(ConclusionStage.Pinning), "a", Set("a", 10));

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = false } });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.AddFinalizer(), new Effect.PinService("a") }));
    }

    [Test]
    public void A_rollback_ends_at_rest_and_remembers()
    {
        var seen = Rollout(RolledBack(ConclusionStage.Settling, TimeSpan.FromMinutes(1)), "b", Set("a", 10), Set("b", 0)).WithStatus(status => status with { FailedRevision = "b" });

        var plan = Decide(seen);

        Assert.That(plan.Status, Has.Property("State").EqualTo(new AtRest("a")).And.Property("Phase").EqualTo(Phase.RolledBack).And.Property("Step").EqualTo("0/4"));
    }

    [Test]
    public void A_rolled_back_version_drains_too()
    {
        var seen = Rollout(RolledBack(ConclusionStage.Settling), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 0, 10, 3)).WithStatus(status => status with { FailedRevision = "b" });

        var plan = Decide(seen);

        Assert.That((plan.Effects.Count, plan.Status.Phase, plan.WakeAt), Is.EqualTo((0, Phase.RolledBack, Now + TimeSpan.FromSeconds(20))));
    }

    [TestCase(ConclusionStage.Pinning)]
    [TestCase(ConclusionStage.Shifting)]
    public void A_version_that_loses_its_last_pod_while_it_is_promoted_goes_back(ConclusionStage stage)
    {
        var plan = Decide(Rollout(Promoted(stage), "b", Set("a", 10), Set("b", 10, 0)).With(TrafficSeen("b", "b", 100, 0, 0)));

        Assert.That(plan.Status.State, Is.EqualTo(new RollingBack("a", "b", Routes, ConclusionStage.Pinning, Now, RollbackCause.Failed)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.PinService("a") }));
        Assert.That((plan.Status.FailedRevision, plan.Status.LastRollback!.Reason), Is.EqualTo(("b", "NoReadyPods")));
    }

    [Test]
    public void An_end_that_takes_too_long_calls_a_person()
    {
        var state = Promoted(ConclusionStage.Shifting, TimeSpan.FromMinutes(11));

        var plan = Decide(Rollout(state, "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("b", "b", 0, 10, 10, "refused by the gateway")));

        Assert.That((plan.Condition("Stalled"), plan.Status.State), Is.EqualTo(("True", (RolloutState)state)));
    }

    private static Promoting Promoted(ConclusionStage stage, TimeSpan? ago = null) => new("a", "b", Routes, stage, Now - (ago ?? TimeSpan.FromSeconds(10)));

    private static RollingBack RolledBack(ConclusionStage stage, TimeSpan? ago = null) =>
        new("a", "b", Routes, stage, Now - (ago ?? TimeSpan.FromSeconds(10)), RollbackCause.Failed);

    private static Observation Settling(bool drained, int loserPods) =>
        Rollout(Promoted(ConclusionStage.Settling, TimeSpan.FromSeconds(drained ? 30 : 10)), "b", Set("a", loserPods), Set("b", 10)).With(TrafficSeen("b", "b", 0, 10, 10));
}
