using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>How severe what is told is, and that it is told once.</summary>
internal sealed class AttentionTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);
    private static readonly PodTrouble Crashing = new(PodTroubleKind.CrashLoop, "pod a-1 crashes", Now - TimeSpan.FromMinutes(2));
    private static readonly RollingBack Back = new("a", "b", Routes, ConclusionStage.Pinning, Now - TimeSpan.FromSeconds(1), RollbackCause.Failed);

    private static IEnumerable<TestCaseData> Calls()
    {
        static TestCaseData Case(string what, Severity severity, string reason, Observation seen) => new TestCaseData(severity, reason, seen).SetArgDisplayNames(what);

        yield return Case("a rollback that neither version can serve", Severity.P0, "NoReadyPods",
            Rollout(Back, "b", Set("a", 10, 0), Set("b", 3, 0)).With(TrafficSeen("a", "b", 25, 0, 0)));
        yield return Case("a rollback to nothing", Severity.P0, "RollbackBlocked",
            Rollout(Back, "b", Set("a", 10, 0), Set("b", 3)).With(TrafficSeen("a", "b", 25, 0, 3)));
        yield return Case("a rollback that does not get on", Severity.P0, "RollbackStuck",
            Rollout(Back with { Stage = ConclusionStage.Shifting, Since = Now - Long }, "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", notAccepted: "the gateway says no")));
        yield return Case("the only version is down", Severity.P0, "NoReadyPods",
            Rollout(new AtRest("a"), "a", Set("a", 10, 0, Crashing)).With(TrafficSeen(serviceReady: 0)));
        yield return Case("stable is down before the new version is up", Severity.P0, "NoReadyPods",
            Rollout(Step(5, StepStage.Raising), "b", Set("a", 10, 0, Crashing), Set("b", 1, 0)).With(TrafficSeen("a", "b", serviceReady: 0)));
        yield return Case("a promotion that neither version can serve", Severity.P0, "NoReadyPods",
            Rollout(new Promoting("a", "b", Routes, ConclusionStage.Pinning, Now), "b", Set("a", 10, 0), Set("b", 10, 0)).With(TrafficSeen("b", "b", 100, 0, 0)));
        yield return Case("a new version without a ready pod", Severity.P1, "RolledBack",
            Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3, 0)).With(TrafficSeen("a", "b", 25)));
        yield return Case("a gate whose pods do not come up", Severity.P2, "RolledBack",
            Rollout(Step(5, StepStage.Previewing, Long), "b", Set("a", 10), Set("b", 1, 0)).With(TrafficSeen("a", "b")).With(spec => spec with { Gates = [new CheckSpec { Name = "ready", Http = new() { Path = "/readyz" } }] }));
        yield return Case("a spec that cannot be carried out", Severity.P2, "ProviderNotFound",
            Rollout(new AtRest("a"), "a", Set("a", 10)) with { Problems = [new Problem(EventReason.ProviderNotFound, "spec.analysis.provider", "there is no provider")] });
        yield return Case("a route that is not accepted", Severity.P2, "RolloutStalled",
            Rollout(Step(25, StepStage.Raising, Long), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3, notAccepted: "the gateway says no")));
        yield return Case("metrics that do not come", Severity.P2, "RolloutStalled", Judged(Long, Evidence.StartingAt(Now - Long)));
        yield return Case("a question that the provider refuses", Severity.P2, "CheckMisconfigured",
            Judged(TimeSpan.FromSeconds(10), Evidence.StartingAt(Now) with { Class = DataClass.ConfigError, Message = "it refuses", UnknownSince = Now }));
        yield return Case("a step that waits for a person", Severity.P2, "AwaitingPromotion", Pausing(25));
        yield return Case("the first version", Severity.P3, "Deployed", Rollout(new Deploying("a", Now), "a", Set("a", 10)));
        yield return Case("a new version", Severity.P3, "RolloutStarted", Rollout(new AtRest("a"), "b", Set("a", 10)));
    }

    [TestCaseSource(nameof(Calls))]
    public void What_begins_is_told_once_with_its_severity(Severity severity, string reason, Observation seen)
    {
        var first = Decide(seen);
        var second = Decide(seen with { Status = first.Status, Evidence = first.Evidence });

        Assert.That(first.Notices.Select(notice => (notice.Reason.Word, notice.Severity)), Has.One.EqualTo((reason, severity)), string.Join(", ", first.Notices));
        Assert.That(first.Notices.Count(notice => notice.IsWarning), Is.EqualTo(severity < Severity.P3 ? 1 : 0), "nothing is called for twice");
        Assert.That(second.Notices.Select(notice => notice.Reason.Word), Has.None.EqualTo(reason));
    }

    [Test]
    public void A_rollback_is_told_with_its_record()
    {
        var plan = Decide(Rollout(Step(25, StepStage.Judging), "b", Set("a", 10), Set("b", 3, 0)).With(TrafficSeen("a", "b", 25)));

        Assert.That(plan.Notices.Single(notice => notice.Reason == "RolledBack").Rollback, Is.EqualTo(plan.Status.LastRollback));
    }

    [Test]
    public void A_stall_that_turns_worse_is_told_again()
    {
        var stuck = Decide(Rollout(Back with { Since = Now - Long }, "b", Set("a", 10), Set("b", 3)).With(TrafficSeen(canary: "b", weight: 25, canaryReady: 3)));
        var down = Decide(Rollout(Back with { Since = Now - Long }, "b", Set("a", 10, 0), Set("b", 3, 0)).With(TrafficSeen(canary: "b", weight: 25, serviceReady: 0)) with { Status = stuck.Status });

        Assert.That(stuck.Notices.Select(notice => notice.Reason.Word), Is.EqualTo(new[] { "RollbackStuck" }));
        Assert.That(down.Notices.Select(notice => notice.Reason.Word), Is.EqualTo(new[] { "NoReadyPods" }));
    }

    [Test]
    public void A_version_that_is_only_replaced_is_no_outage_while_it_waits()
    {
        var late = Decide(Rollout(Back with { Since = Now - Long, Cause = RollbackCause.Superseded }, "c", Set("a", 10), Set("b", 3)).With(TrafficSeen(canary: "b", weight: 25, canaryReady: 3)));

        Assert.That(late.Notices.Select(notice => (notice.Reason.Word, notice.Severity)), Is.EqualTo(new[] { ("RolloutStalled", Severity.P2) }));
    }

    [Test]
    public void Pods_that_move_are_no_outage_for_a_minute()
    {
        var since = Now - TimeSpan.FromSeconds(20);
        var plan = Decide(Rollout(new AtRest("a"), "a", Set("a", 1, 0, Crashing with { Since = since })).With(spec => spec with { Replicas = 1 }));

        Assert.That((plan.Notices.Count, plan.WakeAt, plan.Condition("Stalled")), Is.EqualTo((0, (DateTimeOffset?)(since + TimeSpan.FromMinutes(1)), "False")));
    }

    /// <summary>As after a restore without the ReplicaSets.</summary>
    [Test]
    public void A_version_that_is_not_known_is_not_named()
    {
        var lost = Back with { Canary = "", Cause = RollbackCause.RecordLost };
        var ends = lost with { Stage = ConclusionStage.Shifting };

        var down = Decide(Rollout(lost, "b", Set("a", 10, 0)).With(TrafficSeen("a", "b", 25, 0, 0)));
        var ended = Decide(Rollout(ends, "b", Set("a", 10)).With(TrafficSeen("a")));

        Assert.That(down.Status.Message, Does.StartWith("no pod is ready; "));
        Assert.That(ended.Status.Message, Does.Contain("the pods of the other version stay up"));
        Assert.That(ended.Notices.Single(notice => notice.Reason == EventReason.TrafficRestored).Message, Is.EqualTo("a has all the traffic again; the other version goes"));
    }

    [Test]
    public void The_end_of_an_outage_is_told()
    {
        var down = Decide(Rollout(new AtRest("a"), "a", Set("a", 10, 0, Crashing)).With(TrafficSeen(serviceReady: 0)));
        var well = Decide(Rollout(new AtRest("a"), "a", Set("a", 10)) with { Status = down.Status });

        Assert.That((down.Condition("Ready"), well.Condition("Ready")), Is.EqualTo(("False", "True")));
        Assert.That(well.Notices.Select(notice => (notice.Reason.Word, notice.Severity)), Is.EqualTo(new[] { ("Recovered", Severity.P3) }));
        Assert.That(Decide(Rollout(new AtRest("a"), "a", Set("a", 10)) with { Status = well.Status }).Notices, Is.Empty);
    }

    [Test]
    public void The_next_step_asks_for_a_person_again()
    {
        var first = Decide(Pausing(25));

        Assert.That(Decide(Pausing(50) with { Status = Pausing(50).Status with { Message = first.Status.Message, Conditions = first.Status.Conditions } }).Notices.Select(notice => notice.Reason.Word), Is.EqualTo(new[] { "AwaitingPromotion" }));
    }

    private static Observation Judged(TimeSpan ago, Evidence evidence)
    {
        var seen = Rollout(Step(25, StepStage.Judging, ago), "b", Set("a", 10), Set("b", 3)).With(TrafficSeen("a", "b", 25, canaryReady: 3));
        return seen.With(spec => spec with { Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } } }) with { Evidence = evidence };
    }

    private static Observation Pausing(int weight) => Rollout(Step(weight, StepStage.Judging, Long), "b", Set("a", 10), Set("b", 5))
        .With(TrafficSeen("a", "b", weight, canaryReady: 5))
        .With(spec => spec with { Steps = [new StepSpec { Weight = 25, Pause = true }, new StepSpec { Weight = 50, Pause = true }, new StepSpec { Weight = 100 }] });
}
