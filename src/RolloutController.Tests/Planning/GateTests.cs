using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Progressing, before the first request of the new version.</summary>
internal sealed class GateTests
{
    private static readonly CheckSpec Ready = new() { Name = "ready", Http = new() { Path = "/readyz" } };
    private static readonly CheckRule Rule = CheckRule.Of(Ready, TimeSpan.FromSeconds(15));

    [Test]
    public void A_rollout_with_gates_brings_its_first_pods_up_where_no_client_reaches_them()
    {
        var plan = Decide(Rollout(new AtRest("a"), "b", Set("a", 10)).With(Gated));

        Assert.That(plan.Status.State, Is.EqualTo(Previewing(TimeSpan.Zero)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[]
        {
            new Effect.AddFinalizer(), new Effect.PinService("a"), new Effect.PointCanaryService("b"), new Effect.CreateReplicaSet("b", 1, 2),
        }));
        Assert.That(plan.Sampling, Is.Null, "there is nobody to be asked yet");
    }

    [Test]
    public void Its_gates_are_asked_when_its_pods_are_up()
    {
        var plan = Decide(Up());

        Assert.That((plan.Effects.Count, plan.Sampling!.Checks.Single().Name, plan.Sampling.CountsRequests), Is.EqualTo((0, "ready", false)));
        Assert.That((plan.Status.Message, plan.Status.Conditions[0].Reason), Is.EqualTo(("before any traffic: ready: no look yet", "WaitingForGates")));
    }

    [Test]
    public void Gates_that_pass_let_traffic_come()
    {
        var plan = Decide(Up() with { Evidence = Looked(new CheckLook.Passed(Now, "fine")) });

        Assert.That(plan.Status.State, Is.EqualTo(Step(5, StepStage.Raising, TimeSpan.Zero)));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(5) }));
        Assert.That(plan.Notices.Select(notice => notice.Reason.Word), Is.EqualTo(new[] { "GatesPassed" }));
        Assert.That(plan.Status.Evidence, Is.Null, "what the gates found is not judged at the steps");
    }

    [Test]
    public void A_gate_that_fails_moves_no_traffic()
    {
        var plan = Decide(Up() with { Evidence = Looked(new CheckLook.Failed(Now, "pod b-1 answers 503")) });

        Assert.That((plan.Status.State, plan.Status.Phase, plan.Status.FailedRevision), Is.EqualTo(((RolloutState)new AtRest("a"), Phase.RolledBack, "b")));
        Assert.That(plan.Status.LastRollback, Has.Property("Check").EqualTo("ready").And.Property("Message").EqualTo("before any traffic: ready: pod b-1 answers 503"));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.ScaleReplicaSet("shop-b", 0) }), "the pods go before the Service is unpinned, which would send them requests");
    }

    [TestCase(DataClass.ProviderError)]
    [TestCase(DataClass.ConfigError)]
    [TestCase(DataClass.NoData)]
    public void A_gate_of_which_nothing_is_known_is_not_passed(DataClass found)
    {
        var seen = Up() with { Evidence = Looked(new CheckLook.Unknown(Now, found, "nobody there")) };

        Assert.That(Decide(seen).Status.State, Is.EqualTo(seen.Status.State));
        Assert.That(Decide(seen.WithStatus(status => status with { State = Previewing(TimeSpan.FromMinutes(10)) })).Condition("Stalled"), Is.EqualTo("True"));
    }

    [Faults.FaultRow(44, "a canary that never becomes ready")]
    [Test]
    public void Pods_that_do_not_come_up_fail_before_any_traffic()
    {
        var plan = Decide(Rollout(Previewing(TimeSpan.FromMinutes(10)), "b", Set("a", 10), Set("b", 1, available: 0)).With(Gated).With(TrafficSeen("a", "b")));

        Assert.That((plan.Status.State, plan.Status.LastRollback!.Check), Is.EqualTo(((RolloutState)new AtRest("a"), "pods")));
    }

    [Test]
    public void A_newer_version_takes_the_place_of_one_at_its_gates()
    {
        var plan = Decide(Up() with { Template = new TemplateView.Accepted("c") });

        Assert.That(plan.Status.State, Is.EqualTo(Previewing(TimeSpan.Zero) with { Canary = "c" }));
        Assert.That(plan.Effects, Does.Contain(new Effect.ScaleReplicaSet("shop-b", 0)).And.Contain(new Effect.PointCanaryService("c")));
    }

    [TestCase("")]
    [TestCase("other")]
    public void What_was_made_of_the_Service_is_undone_though_the_spec_names_it_no_more(string service)
    {
        var seen = Up().With(spec => spec with { Traffic = service.Length == 0 ? null : Routes with { Service = service } }) with { Template = new TemplateView.Accepted("a") };
        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.InstanceOf<RollingBack>().With.Property("Traffic").EqualTo(Routes), "at rest nobody would look at the old Service again");
    }

    [Test]
    public void A_pause_holds_a_version_that_passed_its_gates()
    {
        var plan = Decide((Up() with { Evidence = Looked(new CheckLook.Passed(Now, "fine")) }).With(spec => spec with { Paused = true }));

        Assert.That((plan.Status.State, plan.Status.Phase), Is.EqualTo(((RolloutState)(Previewing(TimeSpan.FromMinutes(1)) with { Frozen = true }), Phase.Paused)));
    }

    [Test]
    public void A_warning_is_told_once()
    {
        var rule = CheckRule.Of(new CheckSpec { Name = "ready", Failures = 3 }, TimeSpan.FromSeconds(15));
        var seen = Up().With(spec => spec with { Gates = [Ready with { Failures = 3 }] }) with
        {
            Evidence = Evidence.StartingAt(Now).Add(rule, new CheckLook.Failed(Now, "pod b-1 answers 503")),
        };
        var first = Decide(seen);
        var second = Decide(seen with { Status = first.Status });

        Assert.That(first.Notices.Select(notice => (notice.Reason.Word, notice.IsWarning)), Is.EqualTo(new[] { ("CheckWarning", true) }));
        Assert.That(second.Notices, Is.Empty);
    }

    private static RolloutSpec Gated(RolloutSpec spec) => spec with { Gates = [Ready] };

    private static Progressing Previewing(TimeSpan ago) => Step(5, StepStage.Previewing, ago);

    private static Observation Up() => Rollout(Previewing(TimeSpan.FromMinutes(1)), "b", Set("a", 10), Set("b", 1)).With(Gated).With(TrafficSeen("a", "b", canaryReady: 1));

    private static Evidence Looked(CheckLook look) => Evidence.StartingAt(Now - TimeSpan.FromMinutes(1)).Add(Rule, look);
}
