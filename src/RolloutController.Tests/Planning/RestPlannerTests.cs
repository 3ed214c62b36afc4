using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Initial, Deploying and AtRest.</summary>
internal sealed class RestPlannerTests
{
    private static readonly Problem NoContainers = new(EventReason.InvalidTemplate, "spec.template", "a pod needs a container; write one");

    private static readonly Problem NoService = new(EventReason.ServiceNotFound, "spec.traffic.service", "there is no Service shop; create it");

    [Test]
    public void The_first_revision_is_deployed_at_once()
    {
        var plan = Decide(Rollout(new Initial(), "a"));

        Assert.That(plan.Status.State, Is.EqualTo(new Deploying("a", Now)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.CreateReplicaSet("a", 10, 1) }));
        Assert.That(plan.Status.Message, Does.Contain("0 of 10 pods"));
        Assert.That(plan.WakeAt, Is.EqualTo(Now + TimeSpan.FromMinutes(10)));
        Assert.That(plan.Condition("Ready"), Is.EqualTo("False"));
    }

    [Test]
    public void Absent_replicas_are_written_first()
    {
        var plan = Decide(Rollout(new Initial(), "a").With(spec => spec with { Replicas = null }));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetReplicas(1), new Effect.CreateReplicaSet("a", 1, 1) }));
    }

    [Test]
    public void A_refused_template_deploys_nothing_and_says_why()
    {
        var plan = Decide(Rollout(new Initial(), "a") with { Template = new TemplateView.Refused(NoContainers) });

        Assert.That(plan.Effects, Is.Empty);
        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.Invalid).And.Property("Message").EqualTo(NoContainers.ToString()));
        Assert.That(plan.Condition("Stalled"), Is.EqualTo("True"));
        Assert.That(plan.Notices.Single().IsWarning, Is.True);
    }

    [TestCase(0)]
    [TestCase(9)]
    [TestCase(-9, Description = "the API server's clock is ahead")]
    public void A_new_Rollout_waits_for_what_is_applied_with_it(int age)
    {
        var seen = Rollout(new Initial(), "a") with { Problems = [NoService] };
        var plan = Decide(seen with { Rollout = seen.Rollout with { CreatedAt = Now - TimeSpan.FromSeconds(age) } });

        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.Progressing).And.Property("State").EqualTo(new Initial()));
        Assert.That(plan.Status.Message, Does.StartWith("waits").And.EndsWith(NoService.ToString()));
        Assert.That(plan.Condition("Stalled"), Is.EqualTo("False"));
        Assert.That(plan.Notices, Is.Empty);
        Assert.That(plan.WakeAt, Is.EqualTo(Now + TimeSpan.FromSeconds(10 - age)));
    }

    [TestCase(10)]
    [TestCase(-10)]
    public void What_is_missing_is_told_after_a_while(int age)
    {
        var seen = Rollout(new Initial(), "a") with { Problems = [NoService] };

        Assert.That(Decide(seen with { Rollout = seen.Rollout with { CreatedAt = Now - TimeSpan.FromSeconds(age) } }).Condition("Stalled"), Is.EqualTo("True"));
    }

    [Test]
    public void A_new_Rollout_with_a_mistake_is_told_at_once()
    {
        var seen = Rollout(new Initial(), "a") with { Problems = [NoContainers] };

        Assert.That(Decide(seen with { Rollout = seen.Rollout with { CreatedAt = Now } }).Condition("Stalled"), Is.EqualTo("True"));
    }

    [Test]
    public void A_stable_ReplicaSet_that_somebody_let_go_of_is_taken_back()
    {
        var plan = Decide(Rollout(new AtRest("a"), "a") with { Adoptable = [Set("a", 10)] });

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.AdoptReplicaSet("shop-a", 1) }));
    }

    [Test]
    public void What_is_wrong_is_told_once()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)) with { Problems = [NoContainers] };

        Assert.That(Decide(seen with { Status = Decide(seen).Status }).Notices, Is.Empty);
    }

    [Test]
    public void Without_a_record_the_older_version_that_serves_is_stable()
    {
        var plan = Decide(Rollout(new Initial(), "b", Set("b", 10), Set("a", 4)).With(_ => CountedSpec) with { Traffic = null });

        Assert.That(plan.Status.StableRevision, Is.EqualTo("a"));
        Assert.That(plan.Status.State, Is.TypeOf<Progressing>());
    }

    [TestCase("b", "b", "a", TestName = "A lost record: traffic goes back to the pin")]
    [TestCase("a", "c", "b", TestName = "A lost record: whatever is asked for")]
    public void A_lost_record_takes_the_rollout_back(string asked, string canary, string pinned)
    {
        var seen = Rollout(new Initial(), asked, Set(pinned, 10), Set(canary, 5)).With(TrafficSeen(pinned, canary, 25, canaryReady: 5));

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = true } });

        Assert.That(plan.Status.State, Is.EqualTo(new RollingBack(pinned, canary, Routes, ConclusionStage.Shifting, Now, RollbackCause.RecordLost)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }));
    }

    [TestCase(10, 10, typeof(AtRest))]
    [TestCase(10, 9, typeof(Deploying))]
    [TestCase(9, 9, typeof(Deploying))]
    public void A_first_version_is_deployed_when_its_pods_are_available(int replicas, int available, Type state)
    {
        var plan = Decide(Rollout(new Deploying("a", Now), "a", Set("a", replicas, available)));

        Assert.That(plan.Status.State, Is.TypeOf(state));
    }

    [TestCase(0, typeof(Deploying))]
    [TestCase(1, typeof(AtRest))]
    public void One_pod_at_least_is_available(int available, Type state)
    {
        var seen = Rollout(new Deploying("a", Now), "a", Set("a", 1, available)).With(spec => spec with { Replicas = 1, MaxUnavailable = IntOrPercent.Count(1) });

        Assert.That(Decide(seen).Status.State, Is.TypeOf(state));
    }

    [Test]
    public void A_late_first_version_is_stalled_and_kept()
    {
        var trouble = new PodTrouble(PodTroubleKind.ImagePull, "shop-1 cannot pull the image shop:2", Now);

        var plan = Decide(Rollout(new Deploying("a", Now - TimeSpan.FromMinutes(11)), "a", Set("a", 10, 3, trouble)));

        Assert.That(plan.Status.State, Is.TypeOf<Deploying>());
        Assert.That(plan.Status.Message, Does.Contain("3 of 10").And.Contain("cannot pull").And.Contain("10m"));
        Assert.That((plan.Condition("Stalled"), plan.WakeAt), Is.EqualTo(("True", (DateTimeOffset?)null)));
    }

    [Test]
    public void A_newer_template_takes_the_place_of_a_first_version_that_is_not_there_yet()
    {
        var plan = Decide(Rollout(new Deploying("a", Now - TimeSpan.FromMinutes(1)), "b", Set("a", 10, 0)));

        Assert.That(plan.Status.State, Is.EqualTo(new Deploying("b", Now)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.CreateReplicaSet("b", 10, 2), new Effect.ScaleReplicaSet("shop-a", 0) }));
    }

    [TestCase(false, false, "", TestName = "Take over: waits for the Deployment's own rolling update")]
    [TestCase(false, true, "PauseWorkload", TestName = "Take over: pauses the Deployment")]
    [TestCase(true, false, "", TestName = "Take over: waits until it stands still")]
    [TestCase(true, true, "AdoptReplicaSet", TestName = "Take over: adopts its pods")]
    public void A_deployment_is_taken_over_step_by_step(bool paused, bool settled, string expected)
    {
        var seen = Rollout(new Deploying("a", Now), "a").With(spec => spec with { Replicas = null }) with
        {
            Workload = new WorkloadView("shop", 6, paused, settled),
            Adoptable = [Set("a", 6)],
        };

        Assert.That(string.Join(",", Decide(seen).Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [Test]
    public void Adopted_pods_keep_their_number()
    {
        var seen = Rollout(new Deploying("a", Now), "a", Set("a", 6)).With(spec => spec with { Replicas = null }) with { Workload = new WorkloadView("shop", 6, true, true) };

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.EqualTo(new AtRest("a")));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetReplicas(6) }));
    }

    [Test]
    public void At_rest_nothing_is_done()
    {
        var plan = Decide(Rollout(new AtRest("a"), "a", Set("a", 10)));

        Assert.That(plan.Effects, Is.Empty);
        Assert.That(plan.WakeAt, Is.Null);
        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.Healthy).And.Property("Weight").EqualTo(100).And.Property("Step").EqualTo("4/4"));
        Assert.That((plan.Condition("Ready"), plan.Condition("Succeeded"), plan.Condition("Reconciling"), plan.Condition("Stalled")), Is.EqualTo(("True", "True", "False", "False")));
    }

    [Test]
    public void At_rest_the_scale_follows_and_others_go()
    {
        var plan = Decide(Rollout(new AtRest("a"), "a", Set("a", 4), Set("b", 1)));

        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 10), new Effect.ScaleReplicaSet("shop-b", 0) }));
    }

    [Faults.FaultRow(45, "stable is deleted")]
    [Test]
    public void A_stable_ReplicaSet_that_was_removed_comes_back()
    {
        Assert.That(Decide(Rollout(new AtRest("a"), "a")).Effects, Is.EqualTo(new Effect[] { new Effect.CreateReplicaSet("a", 10, 1) }));
    }

    [Test]
    public void The_history_is_bounded_and_keeps_what_failed()
    {
        var seen = Rollout(new AtRest("e"), "e", Set("a", 0), Set("b", 0), Set("c", 0), Set("d", 0), Set("e", 10))
            .With(spec => spec with { RevisionHistoryLimit = 1 }).With(TrafficSeen(serviceReady: 0));

        Assert.That(Decide(seen).Effects, Is.EqualTo(new Effect[] { new Effect.DeleteReplicaSet("shop-c"), new Effect.DeleteReplicaSet("shop-b"), new Effect.DeleteReplicaSet("shop-a") }));
    }

    [TestCase("a", "b", 5, "SetWeight", TestName = "Left over: the weight first")]
    [TestCase("a", "b", 0, "UnpinService,DeleteCanaryService,RemoveFinalizer", TestName = "Left over: then the Services, then the finalizer")]
    [TestCase(null, null, 0, "RemoveFinalizer", TestName = "Left over: the finalizer")]
    public void What_is_left_of_a_rollout_goes(string? pinned, string? canary, int weight, string expected)
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)).With(TrafficSeen(pinned, canary, weight));

        var plan = Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = true } });

        Assert.That(string.Join(",", plan.Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [TestCase(0, false, "DeleteCanaryService")]
    [TestCase(30, false, "")]
    [TestCase(0, true, "")]
    public void A_canary_Service_that_comes_late_goes_where_it_is_ours_and_carries_nothing(int weight, bool isTaken, string expected)
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)).With(TrafficSeen(canary: "b", weight: weight));
        Problem[] problems = isTaken ? [new Problem(EventReason.CanaryServiceTaken, "spec.traffic.service", "there is one already")] : [];

        Assert.That(string.Join(",", Decide(seen with { Problems = problems }).Effects.Select(effect => effect.GetType().Name)), Is.EqualTo(expected));
    }

    [Test]
    public void The_finalizer_stays_while_a_pod_needs_the_pin()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10), Set("b", 0) with { Current = 1 }).With(TrafficSeen("a", "b"));

        Assert.That(Decide(seen with { Rollout = seen.Rollout with { HasFinalizer = true } }).Effects, Is.Empty);
    }

    [Test]
    public void Without_our_finalizer_a_route_is_left_alone()
    {
        Assert.That(Decide(Rollout(new AtRest("a"), "a", Set("a", 10)).With(TrafficSeen(weight: 30))).Effects, Is.Empty);
    }

    [Test]
    public void A_new_template_sets_out_at_the_first_step()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 10)));

        Assert.That(plan.Status.State, Is.EqualTo(new Progressing("a", "b", Routes, 5, StepStage.Raising, Now)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[]
        {
            new Effect.AddFinalizer(), new Effect.PinService("a"), new Effect.PointCanaryService("b"), new Effect.CreateReplicaSet("b", 1, 2),
        }));
        Assert.That(plan.Notices.Single().Reason.Word, Is.EqualTo("RolloutStarted"));
        Assert.That(plan.Status, Has.Property("Step").EqualTo("1/4").And.Property("StepIndex").EqualTo(0).And.Property("CanaryRevision").EqualTo("b"));
    }

    [Test]
    public void A_version_that_failed_is_not_tried_again()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 10)).WithStatus(status => status with
        {
            FailedRevision = "b",
            LastRollback = new Rollback { Revision = "b", Reason = "CrashLoop", Message = "at 5 %: it crashes" },
        }));

        Assert.That(plan.Status.State, Is.EqualTo(new AtRest("a")));
        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.RolledBack).And.Property("Weight").EqualTo(0));
        Assert.That(plan.Status.Message, Does.Contain("at 5 %: it crashes").And.Contain("Retry"));
        Assert.That((plan.Condition("Ready"), plan.Condition("Succeeded"), plan.Condition("Stalled")), Is.EqualTo(("False", "False", "True")));
    }

    [TestCase("a", "")]
    [TestCase("c", "")]
    public void Another_template_forgets_what_failed(string asked, string remembered)
    {
        var plan = Decide(Rollout(new AtRest("a"), asked, Set("a", 10)).WithStatus(status => status with { FailedRevision = "b" }));

        Assert.That(plan.Status.FailedRevision, Is.EqualTo(remembered));
    }

    [Test]
    public void Paused_nothing_sets_out_and_the_scale_still_follows()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 4)).With(spec => spec with { Paused = true }));

        Assert.That(plan.Status, Has.Property("Phase").EqualTo(Phase.Paused).And.Property("State").EqualTo(new AtRest("a")));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-a", 10) }));
    }

    [Test]
    public void Scaled_to_zero_a_new_template_is_deployed_without_steps()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 0)).With(spec => spec with { Replicas = 0 }));

        Assert.That(plan.Status.State, Is.EqualTo(new Deploying("b", Now)));
    }
}
