using NUnit.Framework;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>Progressing, after the last step: <c>spec.monitor</c>.</summary>
internal sealed class MonitoringTests
{
    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);

    [Test]
    public void Begins_after_the_last_step_and_counts_anew()
    {
        var counted = Counted(10_000, 90) with { Dispersion = 2 };

        var plan = Decide(At(StepStage.Judging, TimeSpan.FromMinutes(2)) with { Evidence = counted });

        Assert.That(plan.Status.State, Is.EqualTo(Step(100, StepStage.Monitoring, TimeSpan.Zero)));
        Assert.That((plan.Evidence!.Requests, plan.Evidence.Since, plan.Evidence.Sequential, plan.Evidence.Dispersion), Is.EqualTo((0L, Now, SequentialEvidence.None with { Accounts = [default] }, (double?)2)));
        Assert.That(plan.Effects, Is.Empty, "the pods of the version before stay");
        Assert.That(plan.Notices.Single().Message, Is.EqualTo("b passed every step; it is monitored for 30m before a goes"));
    }

    [Test]
    public void Is_a_part_of_the_last_step()
    {
        var plan = Decide(At(StepStage.Monitoring, TimeSpan.FromMinutes(20)));

        Assert.That((plan.Status.Phase, plan.Status.Step, plan.Status.Weight), Is.EqualTo((Phase.Progressing, "4/4", 100)));
        Assert.That(plan.Status.Message, Does.StartWith("100 %: monitored until 12:10:00 (30m); 10,000 requests judged"));
        Assert.That((plan.WakeAt, plan.Sampling?.Revision), Is.EqualTo(((DateTimeOffset?)Now.AddMinutes(10), "b")));
    }

    [Test]
    public void Then_it_is_promoted() => Assert.That(Decide(At(StepStage.Monitoring, HalfAnHour)).Status.State, Is.TypeOf<Promoting>());

    [TestCase(150, "2%", typeof(Progressing), TestName = "Monitoring: a rate below its own threshold")]
    [TestCase(150, null, typeof(RollingBack), TestName = "Monitoring: the threshold of the analysis where it has none")]
    [TestCase(90, "0.5%", typeof(RollingBack), TestName = "Monitoring: a rate above its own threshold")]
    public void Its_own_threshold_counts(int errors, string? max, Type state)
    {
        var seen = (At(StepStage.Monitoring, TimeSpan.FromMinutes(20)) with { Evidence = Counted(10_000, errors) })
            .With(spec => spec with { Monitor = spec.Monitor! with { ErrorRate = max is null ? null : new MonitorErrorRateSpec { Max = max } } });

        var plan = Decide(seen);

        Assert.That(plan.Status.State, Is.TypeOf(state));
        if (plan.Status.LastRollback is { } rollback)
            Assert.That(rollback.Threshold, Is.EqualTo(PercentString.Format(PercentString.Parse(max ?? "1%"))));
    }

    [TestCase(DataClass.NoData)]
    [TestCase(DataClass.Stale)]
    [TestCase(DataClass.ProviderError)]
    public void What_is_unknown_never_promotes(DataClass data)
    {
        var seen = At(StepStage.Monitoring, TimeSpan.FromHours(2)) with { Evidence = Counted(10_000, 10) with { Class = data } };

        var plan = Decide(seen);

        Assert.That((plan.Status.State, plan.Condition("Stalled")), Is.EqualTo((seen.Status.State, "True")));
        Assert.That(plan.Status.Message, Does.StartWith("100 %: was monitored for 30m;"));
    }

    [Faults.FaultRow(44, "a canary that crashes later")]
    [Test]
    public void Pods_that_break_are_rolled_back()
    {
        var trouble = new PodTrouble(PodTroubleKind.CrashLoop, "shop-1 crashes", Now);

        var plan = Decide(At(StepStage.Monitoring, TimeSpan.FromMinutes(20)) with { Revisions = [Set("a", 10), Set("b", 10, 9, trouble)] });

        Assert.That((plan.Status.State is RollingBack, plan.Status.LastRollback!.Reason), Is.EqualTo((true, "CrashLoop")));
        Assert.That(plan.Effects, Is.EqualTo(new Effect[] { new Effect.SetWeight(0) }), "the pods of the version before are all there");
    }

    [Test]
    public void Pods_that_break_are_rolled_back_where_counts_make_the_split()
    {
        var trouble = new PodTrouble(PodTroubleKind.CrashLoop, "shop-1 crashes", Now);
        var seen = Rollout(CountedStep(100, StepStage.Monitoring), "b", Set("a", 0), Set("b", 10, 0, trouble)).With(Monitored);

        Assert.That(Decide(seen).Status.LastRollback!.Reason, Is.EqualTo("NoReadyPods"));
    }

    [Test]
    public void Frozen_it_stays()
    {
        var plan = Decide(At(StepStage.Monitoring, HalfAnHour).With(spec => spec with { Paused = true }));

        Assert.That((plan.Status.State, plan.Status.Phase), Is.EqualTo((Step(100, StepStage.Monitoring, HalfAnHour) with { Frozen = true }, Phase.Paused)));
    }

    [Test]
    public void A_newer_template_replaces_the_version() => Assert.That(
        Decide(At(StepStage.Monitoring, TimeSpan.Zero) with { Template = new TemplateView.Accepted("c") }).Status.State,
        Is.EqualTo(new RollingBack("a", "b", Routes, ConclusionStage.Shifting, Now, RollbackCause.Superseded)));

    [Test]
    public void A_pause_is_over_by_then()
    {
        var seen = At(StepStage.Monitoring, HalfAnHour).With(spec => spec with { Steps = [new() { Weight = 100, Pause = true }] });

        Assert.That(Decide(seen).Status.State, Is.TypeOf<Promoting>());
    }

    [Test]
    public void It_begins_outside_the_windows_and_the_promotion_waits_for_one()
    {
        RolloutSpec Closed(RolloutSpec spec) => spec with { Windows = new WindowsSpec { Open = [new OpenWindow { From = "20:00" }] } };

        Assert.That(Decide(At(StepStage.Judging, HalfAnHour).With(Closed)).Status.State, Is.EqualTo(Step(100, StepStage.Monitoring, TimeSpan.Zero)));
        Assert.That(Decide(At(StepStage.Monitoring, HalfAnHour).With(Closed)).Status.Message, Does.Contain("opens Thu 2026-01-01 20:00 UTC"));
    }

    [Test]
    public void Left_out_midway_it_is_over() =>
        Assert.That(Decide(At(StepStage.Monitoring, TimeSpan.FromMinutes(1)).With(spec => spec with { Monitor = null })).Status.State, Is.TypeOf<Promoting>());

    private static RolloutSpec Monitored(RolloutSpec spec) => spec with
    {
        Monitor = new MonitorSpec { Duration = HalfAnHour },
        Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "1%" } },
    };

    private static Evidence Counted(long requests, long errors) =>
        Evidence.StartingAt(Now - TimeSpan.FromMinutes(2)).Add(new Sample(Now, DataClass.Ok, "read", requests, errors), ErrorRateRule.DefaultTolerance);

    private static Observation At(StepStage stage, TimeSpan ago) =>
        (Rollout(Step(100, stage, ago), "b", Set("a", 10), Set("b", 10)) with { Evidence = Counted(10_000, 10) }).With(TrafficSeen("a", "b", 100, canaryReady: 10)).With(Monitored);
}
