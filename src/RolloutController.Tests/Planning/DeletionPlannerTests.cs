using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

internal sealed class DeletionPlannerTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1), Late = TimeSpan.FromMinutes(1);

    [Test]
    public void At_rest_it_just_goes()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)).Deleted(Moment);
        Assert.That(Decide(seen).Effects, Is.Empty);

        var held = seen with { Rollout = seen.Rollout with { HasFinalizer = true } };
        Assert.That(Decide(held).Effects, Is.EqualTo(new Effect[] { new Effect.RemoveFinalizer() }));
    }

    [TestCase(5, "SetWeight")]
    [TestCase(0, "UnpinService,DeleteCanaryService,RemoveFinalizer")]
    public void At_rest_it_takes_along_what_is_left(int weight, string expected)
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)).With(TrafficSeen("a", "b", weight)).Deleted(Moment);

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = true } });

        Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [Test]
    public void Nothing_starts_on_the_way_out()
    {
        Assert.That(Decide(Rollout(new AtRest("a"), "b", Set("a", 10)).Deleted(Moment)).Status.State, Is.EqualTo(new AtRest("a")));
    }

    [Test]
    public void Midway_traffic_goes_back_first()
    {
        var plan = Decide(Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)).Deleted(Moment));

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>().With.Property("Stage").EqualTo(ConclusionStage.Shifting));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
        Assert.That(plan.WakeAt, Is.EqualTo(Now - Moment + Late));
        Assert.That(plan.Status.FailedRevision, Is.Empty);
    }

    [Test]
    public void A_promotion_is_finished()
    {
        var state = new Promoting("a", "b", Routes, ConclusionStage.Pinning, Now);

        var plan = Decide(Rollout(state, "b", Set("a", 10), Set("b", 10)).With(TrafficSeen("a", "b", 100, canaryReady: 10)).Deleted(Moment));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.PinService("b") }));
    }

    [TestCase(10, null, null, "ScaleReplicaSet", TestName = "Deletion: the loser's pods go without a drain")]
    [TestCase(0, "a", "b", "UnpinService,DeleteCanaryService", TestName = "Deletion: then the traces")]
    [TestCase(0, null, null, "RemoveFinalizer", TestName = "Deletion: at last the finalizer")]
    public void Leaves_in_order(int loserPods, string? pinned, string? canary, string expected)
    {
        var state = new RollingBack("a", "b", Routes, ConclusionStage.Settling, Now, RollbackCause.Reverted);

        var plan = Decide(Rollout(state, "b", Set("a", 10), Set("b", loserPods)).With(TrafficSeen(pinned, canary)).Deleted(Moment));

        Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [TestCase(25, "refused", "SetWeight", TestName = "Patience spent: the weight, whoever serves")]
    [TestCase(0, "refused", "UnpinService,DeleteCanaryService,RemoveFinalizer", TestName = "Patience spent: then everything, whatever the gateway says")]
    public void Patience_ends(int weight, string notAccepted, string expected)
    {
        foreach (var stage in Enum.GetValues<ConclusionStage>())
        {
            var state = new RollingBack("a", "b", Routes, stage, Now, RollbackCause.Reverted);

            var plan = Decide(Rollout(state, "b", Set("a", 10, 0), Set("b", 3)).With(TrafficSeen("a", "b", weight, 0, 3, notAccepted)).Deleted(Late));

            Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
            Assert.That(plan.WakeAt, Is.Null);
        }
    }

    [Test]
    public void A_Service_and_routes_that_are_gone_are_not_waited_for()
    {
        var state = new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Reverted);

        var plan = Decide(Rollout(state, "b").Deleted(Moment) with { Traffic = null });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.RemoveFinalizer() }));
    }

    [Test]
    public void A_lost_record_keeps_no_pin()
    {
        var seen = Rollout(new Initial(), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3)).Deleted(Moment);

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = true } });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
    }
}
