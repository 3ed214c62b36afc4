using System.Net;
using NUnit.Framework;

namespace RolloutController.Tests.Faults;

/// <summary>The API refuses, or nobody knows what became of a call.</summary>
[Category("Faults")]
internal sealed class ApiFailureTests
{
    [FaultRow(23, "409 on every write, once and five times")]
    [TestCase(1)]
    [TestCase(5)]
    public void A_conflict_is_planned_afresh(int times) => Sweep(Stories.Promote, call => new Fault.Refusal(call.Number, HttpStatusCode.Conflict) { Times = times });

    [FaultRow(24, "429 with Retry-After and without, 503")]
    [TestCase(HttpStatusCode.TooManyRequests, null)]
    [TestCase(HttpStatusCode.TooManyRequests, 2)]
    [TestCase(HttpStatusCode.ServiceUnavailable, 60)]
    public void An_overloaded_API_is_asked_again_later(HttpStatusCode code, int? seconds) => Sweep(Stories.BreachInTheMiddle, call => new Fault.Refusal(call.Number, code) { RetryAfter = seconds });

    [FaultRow(25, "500 and 504 after the commit")]
    [TestCase(HttpStatusCode.InternalServerError)]
    [TestCase(HttpStatusCode.GatewayTimeout)]
    public void A_write_that_was_carried_out_and_failed_is_done_once(HttpStatusCode code) => Sweep(Stories.Promote, call => new Fault.Refusal(call.Number, code, After: true));

    [FaultRow(26, "the connection breaks before the commit and after")]
    [Test]
    public void A_connection_that_breaks_loses_nothing([Values] bool after) => Sweep(Stories.Promote, call => new Fault.Reset(call.Number, after));

    [FaultRow(28, "403 on one kind for a while")]
    [Test]
    public void A_right_that_is_taken_away_for_a_while_holds_it_up_only([Values("httproutes", "services", "replicasets")] string plural) =>
        Sweep(Stories.BreachInTheMiddle, call => new Fault.Refusal(call.Number, HttpStatusCode.Forbidden) { For = TimeSpan.FromMinutes(2) }, plural);

    [FaultRow(28, "404 that names no object, to a deletion")]
    [Test]
    public void What_an_API_server_does_not_serve_yet_is_deleted_later()
    {
        var golden = FaultBed.Play(Stories.Undone, []).Require();
        FaultSweep.Require([.. golden.Journal.Calls.Where(call => call.Verb == "delete").Select(call => (golden, (IReadOnlyList<Fault>)[new Fault.Refusal(call.Number, HttpStatusCode.NotFound)]))]);
    }

    [FaultRow(30, "a webhook refuses the route for ten minutes while it is rolled back")]
    [Test]
    public void A_rollback_whose_route_is_refused_goes_on_trying() =>
        Sweep(Stories.BreachInTheMiddle, call => new Fault.Refusal(call.Number, HttpStatusCode.UnprocessableEntity) { For = TimeSpan.FromMinutes(10) }, "httproutes");

    private static void Sweep(FaultStory story, Func<ApiCall, Fault> fault, string? plural = null)
    {
        var golden = FaultBed.Play(story, []).Require();
        FaultSweep.RequireSome(golden, golden.Journal.Calls.Skip(golden.Journal.CallsBefore)
            .Where(call => call is { IsWrite: true, Plural: not "events" } && (plural is null || call.Plural == plural)).Select(fault));
    }
}
