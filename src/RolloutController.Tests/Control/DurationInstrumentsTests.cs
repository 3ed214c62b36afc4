using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Control;

/// <summary>What is measured at the end of rollouts, stages and rollbacks. Other tests measure beside these, so each duration here is one of its own.</summary>
internal sealed class DurationInstrumentsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TrafficSpec Routes = new() { Service = "shop", Routes = [new RouteReference { Name = "shop" }] };

    private readonly MetricRecorder _measured = new(ControlInstruments.Name);

    [OneTimeTearDown]
    public void StopRecording() => _measured.Dispose();

    [Test]
    public void A_promotion_measures_the_rollout_from_its_start()
    {
        var before = new RolloutStatus { State = new Promoting("a", "b", Routes, ConclusionStage.Shifting, Start), StartedAt = Start };

        DurationInstruments.Decided(before, before with { State = new Promoting("a", "b", Routes, ConclusionStage.Settling, Start), History = [End(RevisionOutcome.Promoted)] }, Start.AddSeconds(4001));

        Assert.That(_measured.Of("rollout_duration_seconds", "outcome=Promoted"), Has.One.EqualTo(4001));
    }

    [Test]
    public void A_first_deployment_is_measured_from_its_state()
    {
        DurationInstruments.Decided(new RolloutStatus { State = new Deploying("b", Start) }, new RolloutStatus { State = new AtRest("b"), History = [End(RevisionOutcome.Deployed)] }, Start.AddSeconds(4002));

        Assert.That(_measured.Of("rollout_duration_seconds", "outcome=Deployed"), Has.One.EqualTo(4002));
    }

    [Test]
    public void An_end_is_measured_once()
    {
        var before = new RolloutStatus { State = new Promoting("a", "b", Routes, ConclusionStage.Settling, Start), StartedAt = Start, History = [End(RevisionOutcome.Promoted)] };

        DurationInstruments.Decided(before, before with { State = new AtRest("b"), StartedAt = null }, Start.AddSeconds(4003));

        Assert.That(_measured.Of("rollout_duration_seconds", "outcome=Promoted"), Has.None.EqualTo(4003));
    }

    [TestCase(StepStage.Raising, 4011)]
    [TestCase(StepStage.Judging, 4012)]
    public void A_stage_that_was_passed_is_measured(StepStage stage, int seconds)
    {
        var step = new Progressing("a", "b", Routes, 5, stage, Start);
        var next = stage == StepStage.Raising ? step with { Stage = StepStage.Judging } : step with { Weight = 25, Stage = StepStage.Raising };

        DurationInstruments.Decided(new RolloutStatus { State = step }, new RolloutStatus { State = next }, Start.AddSeconds(seconds));

        Assert.That(_measured.Of("rollout_stage_duration_seconds", $"stage={stage},outcome=Passed"), Has.One.EqualTo(seconds));
    }

    [Test]
    public void A_stage_that_goes_on_is_not_measured()
    {
        var step = new Progressing("a", "b", Routes, 5, StepStage.Judging, Start);

        DurationInstruments.Decided(new RolloutStatus { State = step }, new RolloutStatus { State = step with { Approved = true } }, Start.AddSeconds(4021));

        Assert.That(_measured.Of("rollout_stage_duration_seconds", "stage=Judging,outcome=Passed"), Has.None.EqualTo(4021));
    }

    [Test]
    public void A_breach_ends_the_stage_and_the_rollout()
    {
        var before = new RolloutStatus { State = new Progressing("a", "b", Routes, 5, StepStage.Judging, Start.AddSeconds(31)), StartedAt = Start };

        DurationInstruments.Decided(before, before with { State = Back(ConclusionStage.Pinning), History = [End(RevisionOutcome.RolledBack)] }, Start.AddSeconds(4031));

        Assert.That(_measured.Of("rollout_stage_duration_seconds", "stage=Judging,outcome=RolledBack"), Has.One.EqualTo(4000));
        Assert.That(_measured.Of("rollout_duration_seconds", "outcome=RolledBack"), Has.One.EqualTo(4031));
    }

    [Test]
    public void A_rollback_is_measured_until_the_traffic_is_back()
    {
        var before = new RolloutStatus { State = Back(ConclusionStage.Pinning), History = [End(RevisionOutcome.RolledBack)] };
        var shifting = before with { State = Back(ConclusionStage.Shifting) };

        DurationInstruments.Decided(before, shifting, Start.AddSeconds(4041));
        DurationInstruments.Decided(shifting, before with { State = Back(ConclusionStage.Settling) }, Start.AddSeconds(4042));
        DurationInstruments.Decided(before with { State = Back(ConclusionStage.Settling) }, before with { State = new AtRest("a") }, Start.AddSeconds(4043));

        Assert.That(_measured.Of("rollout_rollback_duration_seconds", "cause=Failed"), Has.One.EqualTo(4042).And.None.EqualTo(4041).And.None.EqualTo(4043));
    }

    private static RollingBack Back(ConclusionStage stage) => new("a", "b", Routes, stage, Start, RollbackCause.Failed);

    private static RevisionRecord End(RevisionOutcome outcome) => new() { Revision = "b", Outcome = outcome, Time = Start };
}
