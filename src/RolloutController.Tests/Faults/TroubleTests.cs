using System.Net;
using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Faults;

/// <summary>A Rollout whose passes fail says so, tells people once, and says nothing of it any more once they succeed.</summary>
[Category("Faults")]
internal sealed class TroubleTests
{
    [Test]
    public void What_the_API_refuses_again_and_again_is_told_once_and_forgotten_when_it_works()
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();
        var weigh = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).First(call => call is { Verb: "patch", Plural: "httproutes" });
        RolloutStatus? midway = null;
        var run = FaultBed.Play(
            Stories.Promote with
            {
                Tell = async bed =>
                {
                    bed.Ship("2");
                    await bed.UntilAsync(() => IsStalled(bed.Status), "it to say so");
                    midway = bed.Status;
                    await bed.PassAsync(TimeSpan.FromSeconds(60));
                    Assert.That(Told(bed), Is.EqualTo(1), "people are told once");
                    Assert.That(IsStalled(bed.Status), "as long as it lasts");
                    await bed.UntilAtRestAsync("2");
                    Assert.That(Told(bed), Is.EqualTo(1));
                },
            },
            [new Fault.Refusal(weigh.Number, HttpStatusCode.UnprocessableEntity) { For = TimeSpan.FromMinutes(2) }]).Require(golden);
        Assert.That(midway!.Message, Is.EqualTo(
            "the API refuses what is next to do, and it is tried again: patch /apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/shop: a fault that was put here: 422 (422)"));
        var statuses = run.Journal.Calls.Count(call => call is { Verb: "patch", Name: "shop/status" }) - golden.Journal.Calls.Count(call => call is { Verb: "patch", Name: "shop/status" });
        Assert.That(statuses, Is.InRange(1, 4), "that it is so, and that it is over; not at each try");
        Assert.That(midway.Conditions.Single(condition => condition.Type == "Reconciling").Status, Is.EqualTo("False"));
    }

    [Test]
    public void An_API_that_is_overloaded_for_a_while_is_no_trouble_of_the_Rollout()
    {
        var golden = FaultBed.Play(Stories.Promote, []).Require();
        var weigh = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).First(call => call is { Verb: "patch", Plural: "httproutes" });
        FaultBed.Play(
            Stories.Promote with
            {
                Tell = async bed =>
                {
                    bed.Ship("2");
                    for (var look = 0; look < 90; look++)
                    {
                        await bed.PassAsync(TimeSpan.FromSeconds(1));
                        Assert.That(IsStalled(bed.Status), Is.False, bed.Status.Message);
                    }

                    await bed.UntilAtRestAsync("2");
                },
            },
            [new Fault.Refusal(weigh.Number, HttpStatusCode.ServiceUnavailable) { For = TimeSpan.FromSeconds(60) }]).Require(golden);
    }

    [Test]
    public void A_rollback_that_is_refused_is_tried_again_every_few_seconds()
    {
        var golden = FaultBed.Play(Stories.BreachInTheMiddle, []).Require();
        var back = golden.Journal.Calls.Skip(golden.Journal.CallsBefore).Last(call => call is { Verb: "patch", Plural: "httproutes" });
        var length = TimeSpan.FromMinutes(5);
        var run = FaultBed.Play(Stories.BreachInTheMiddle, [new Fault.Refusal(back.Number, HttpStatusCode.Forbidden) { For = length }]).Require(golden);
        var tries = run.Journal.Calls.Where(call => call is { Verb: "patch", Plural: "httproutes" } && call.Number >= back.Number).Select(call => call.At).ToList();
        Assert.That(tries.Zip(tries.Skip(1)).Max(pair => pair.Second - pair.First), Is.LessThan(TimeSpan.FromSeconds(6)), run.Report([]));
        Assert.That(tries[^1] - tries[0], Is.GreaterThanOrEqualTo(length), "until it works");
    }

    [Test]
    public void A_takeover_that_is_refused_is_tried_ever_less_often_and_in_one_term([Values("httproutes", "services")] string plural)
    {
        var golden = FaultBed.Play(Stories.BreachInTheMiddle, []).Require();
        var crash = new Fault.Crash(golden.Journal.Calls.Last(call => call is { Verb: "patch", Plural: "httproutes" }).Number, After: true);
        var stamp = FaultBed.Play(Stories.BreachInTheMiddle, [crash]).Require(golden).Journal.Calls.First(call => call is { Process: 2, Verb: "patch" } && call.Plural == plural);
        var run = FaultBed.Play(Stories.BreachInTheMiddle, [crash, new Fault.Refusal(stamp.Number, HttpStatusCode.Forbidden) { For = TimeSpan.FromMinutes(2) }]).Require(golden);
        var calls = run.Journal.Calls.Where(call => call.Process == 2 && call.At >= stamp.At && call.At < stamp.At + TimeSpan.FromMinutes(2)).ToList();
        Assert.That(calls.Count(call => call is { Verb: "patch", Name: "shop/status" }), Is.LessThan(5), run.Report([]));
        Assert.That(calls.Count(call => call is { Verb: "patch" } && call.Plural == plural), Is.InRange(10, 60), "urgent: each 5 s at the longest");
    }

    private static bool IsStalled(RolloutStatus status) => status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True", Reason: "ReconcileFailed" });

    private static int Told(FaultBed bed) => bed.Cluster.List("events", "default").Count(told => (string?)told.Json["reason"] == "ReconcileFailed");
}
