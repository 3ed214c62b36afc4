using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Where pod counts make the split.</summary>
internal sealed class CountedTests
{
    [Test]
    public void Sets_out_without_touching_anything_of_the_users()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 10)).With(_ => CountedSpec) with { Traffic = null });

        Assert.That(plan.Status.State, Is.EqualTo(CountedStep(5, StepStage.Raising, TimeSpan.Zero)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.CreateReplicaSet("b", 1, 2) }));
    }

    [Test]
    public void A_ReplicaSet_that_an_earlier_Rollout_left_is_taken_over_and_not_made_anew()
    {
        var plan = Decide(Rollout(CountedStep(50, StepStage.Raising), "b", Set("a", 10)) with { Adoptable = [Set("b", 0)] });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.AdoptReplicaSet("shop-b", 2) }));
    }

    [TestCase(10, 10, 0, 0, "b=3", TestName = "Counted: new pods as far as surge goes")]
    [TestCase(10, 10, 3, 0, "", TestName = "Counted: no available pod goes")]
    [TestCase(10, 10, 3, 2, "a=8", TestName = "Counted: old pods go for new ones")]
    [TestCase(10, 6, 3, 0, "a=6", TestName = "Counted: pods that are not available go first")]
    [TestCase(5, 5, 5, 5, "", TestName = "Counted: there")]
    public void Moves_pods_within_the_limits(int stable, int stableAvailable, int canary, int canaryAvailable, string expected)
    {
        RevisionSet[] sets = [Set("a", stable, stableAvailable), Set("b", canary, canaryAvailable)];

        var plan = Decide(Rollout(CountedStep(50, StepStage.Raising), "b", sets));

        Assert.That(string.Join(",", plan.Effects.Cast<Effect.ScaleReplicaSet>().Select(scale => $"{scale.Name[5..]}={scale.Replicas}")), Is.EqualTo(expected));
        Assert.That(((Progressing)plan.Status.State).Stage, Is.EqualTo(expected.Length == 0 && canaryAvailable == 5 ? StepStage.Judging : StepStage.Raising));
    }

    [Test]
    public void A_stable_set_that_never_comes_up_does_not_hold_the_new_one_up()
    {
        var seen = Rollout(CountedStep(25, StepStage.Raising), "b", Set("a", 2, 0), Set("b", 2))
            .With(spec => spec with { Replicas = 3, MaxSurge = IntOrPercent.Count(0), MaxUnavailable = IntOrPercent.Count(1) });

        Assert.That(((Progressing)Decide(seen).Status.State).Stage, Is.EqualTo(StepStage.Judging), "scaled down, the new one has a pod more than its share, which is needed");
    }

    [Test]
    public void Reports_the_true_ratio()
    {
        var plan = Decide(Rollout(CountedStep(25, StepStage.Judging), "b", Set("a", 7), Set("b", 3)));

        Assert.That(plan.Status.Weight, Is.EqualTo(30));
        Assert.That(plan.Status.CanaryReplicas, Is.EqualTo(3));
    }

    [Test]
    public void Goes_on_and_is_promoted_when_all_pods_are_new()
    {
        var next = Decide(Rollout(CountedStep(50, StepStage.Judging, TimeSpan.FromMinutes(1)), "b", Set("a", 5), Set("b", 5)));
        Assert.That(((Progressing)next.Status.State).Weight, Is.EqualTo(100));
        Assert.That(next.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 8) }));

        var last = Decide(Rollout(CountedStep(100, StepStage.Judging, TimeSpan.FromMinutes(1)), "b", Set("a", 0), Set("b", 10)));
        Assert.That(last.Status.State, Is.EqualTo(new AtRest("b")));
        Assert.That(last.Notices.Single().Reason.Word, Is.EqualTo("Promoted"));
    }

    [Test]
    public void Steps_that_ask_for_nothing_are_taken_at_once()
    {
        StepSpec[] steps = [.. Enumerable.Range(1, 20).Select(number => new StepSpec { Weight = 5 * number, Hold = TimeSpan.Zero })];
        var seen = Rollout(CountedStep(5, StepStage.Raising), "b", Set("a", 1), Set("b", 1)).With(spec => spec with { Replicas = 1, Steps = steps });

        var plan = Decide(seen);

        Assert.That(plan.Status, Has.Property("Step").EqualTo("20/20"));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 0) }));
    }

    [Test]
    public void No_ready_pod_rolls_back_only_where_it_had_one()
    {
        Assert.That(Decide(Rollout(CountedStep(5, StepStage.Raising), "b", Set("a", 10), Set("b", 1, 0))).Status.State, Is.InstanceOf<Progressing>());
        Assert.That(Decide(Rollout(CountedStep(5, StepStage.Judging), "b", Set("a", 9), Set("b", 1, 0))).Status.State, Is.InstanceOf<RollingBack>());
    }

    [Test]
    public void Rolls_back_to_a_whole_stable_set_first()
    {
        var plan = Decide(Rollout(Back(), "b", Set("a", 5), Set("b", 5)));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 8) }));
        Assert.That(plan.Status.Message, Does.Contain("moves pods to a"));
    }

    [Test]
    public void A_rollback_to_nothing_is_said()
    {
        var plan = Decide(Rollout(Back(), "b", Set("a", 10, 0), Set("b", 3)));

        Assert.That(plan.Effects, Is.Empty);
        Assert.That((plan.Condition("Stalled"), plan.Status.Conditions[0].Reason), Is.EqualTo(("True", "RollbackBlocked")));
    }

    [Test]
    public void Rests_when_the_pods_are_back()
    {
        var plan = Decide(Rollout(Back(), "b", Set("a", 10), Set("b", 0)).WithStatus(status => status with { FailedRevision = "b" }));

        Assert.That(plan.Status, Has.Property("State").EqualTo(new AtRest("a")).And.Property("Phase").EqualTo(Phase.RolledBack));
    }

    [Test]
    public void Deleted_there_is_nothing_to_put_back()
    {
        var plan = Decide(Rollout(CountedStep(50, StepStage.Judging), "b", Set("a", 5), Set("b", 5)).Deleted(TimeSpan.Zero));

        Assert.That(plan.Effects, Is.Empty);
    }

    private static RollingBack Back() => new("a", "b", null, ConclusionStage.Pinning, Now - TimeSpan.FromSeconds(10), RollbackCause.Failed);
}
