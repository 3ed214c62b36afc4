using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Faults;

/// <summary>A process ends between two writes that belong together.</summary>
[Category("Faults")]
internal sealed class IntermediateStateTests
{
    [FaultRow(1, "crash after each write of the promotion")]
    [FaultRow(3, "crash between the route and the status")]
    [FaultRow(5, "crash between the pods and the route")]
    [FaultRow(7, "crash in the middle of the promotion")]
    [Test]
    public void A_promotion_survives_an_end_before_and_after_each_write() => Sweep(Stories.Promote);

    [FaultRow(2, "crash after each write of the rollback")]
    [FaultRow(6, "crash between the weight and the pods of a rollback")]
    [Test]
    public void A_rollback_survives_an_end_before_and_after_each_write() => Sweep(Stories.BreachInTheMiddle);

    [FaultRow(4, "crash between the verdict and the route, and no metrics any more")]
    [Test]
    public void A_verdict_is_carried_out_by_the_next_process_which_finds_no_metrics()
    {
        var golden = FaultBed.Play(Stories.BreachInTheMiddle, []).Require();
        var verdict = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).First(call => call is { Verb: "patch", Plural: "rollouts", Name: "shop/status" } && golden.Journal.StateAt(call) is RollingBack);

        FaultBed.Play(Stories.BreachInTheMiddle, [new Fault.Crash(verdict.Number, After: true), new Fault.Metrics(golden.Journal.QueriesAt(verdict) + 1, MetricsFault.Refused, int.MaxValue / 2)]).Require(golden);
    }

    [FaultRow(8, "crash around the end of the finalizer")]
    [Test]
    public void A_deletion_survives_an_end_before_and_after_each_write() => Sweep(Stories.Deleted);

    [FaultRow(9, "a process that dies every so many calls")]
    [Test]
    public void A_process_that_dies_again_and_again_comes_to_the_end([Values(24, 27, 32)] int calls)
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();

        FaultBed.Play(Stories.Promote, [.. Enumerable.Range(2, 20).Select(time => new Fault.Crash(time * calls, After: time % 2 == 0))]).Require(golden);
    }

    private static void Sweep(FaultStory story)
    {
        var golden = FaultBed.Play(story, []).Require();
        FaultSweep.RequireSome(golden, golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Where(call => call is { IsWrite: true, Plural: not "events" })
            .SelectMany(call => new[] { true, false }, (call, after) => new Fault.Crash(call.Number, after)));
    }
}
