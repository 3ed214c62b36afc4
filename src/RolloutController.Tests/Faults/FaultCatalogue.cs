using System.Net;

namespace RolloutController.Tests.Faults;

/// <summary>
/// The faults that apply to a golden run. Left out is only what cannot differ from what is in: whether a read fails before the API has seen
/// it or after; the calls before the story begins, which are the same in all stories of one setting and are hit in the first; and a watch
/// that breaks between two events of one moment, between which no process does anything.
/// </summary>
internal static class FaultCatalogue
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lagging = TimeSpan.FromSeconds(10);
    private static readonly int[] Lags = [1, 4, 16];

    private static readonly HttpStatusCode[] OfReads =
    [
        HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway,
        HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout,
    ];

    private static readonly HttpStatusCode[] OfWrites = [.. OfReads, HttpStatusCode.Conflict, HttpStatusCode.UnprocessableEntity];

    private static readonly HttpStatusCode[] AfterCommit = [HttpStatusCode.InternalServerError, HttpStatusCode.BadGateway, HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout];

    private static readonly string[] Cached = ["rollouts", "replicasets", "pods", "services", "endpointslices", "deployments", "httproutes"];

    /// <summary>All faults that apply to a run.</summary>
    /// <param name="golden">The run.</param>
    /// <param name="fromStart">Whether the calls before the story count.</param>
    public static IEnumerable<Fault> Of(FaultRun golden, bool fromStart)
    {
        var journal = golden.Journal;
        var calls = journal.Calls.Skip(fromStart ? 0 : journal.CallsBefore).Where(call => call.At < journal.LastWrite + TimeSpan.FromSeconds(1)).ToList();
        return
        [
            .. calls.SelectMany(Of),
            .. Views(journal.Events.Skip(fromStart ? 0 : journal.EventsBefore).Where(viewed => viewed.At < journal.LastWrite + TimeSpan.FromSeconds(1))),
            .. Enumerable.Range(1, journal.Queries).SelectMany(query => Enum.GetValues<MetricsFault>().SelectMany(what => new[] { 1, 4 }.Select(times => new Fault.Metrics(query, what, times)))),
        ];
    }

    private static IEnumerable<Fault> Of(ApiCall call) => call.IsWrite ? Write(call) : Read(call);

    private static IEnumerable<Fault> Write(ApiCall call)
    {
        var number = call.Number;
        yield return new Fault.Crash(number, After: false);
        foreach (var after in new[] { false, true })
        {
            yield return new Fault.Reset(number, after);
            yield return new Fault.Hang(number, after);
            yield return new Fault.Freeze(number, Frozen, after);
        }
        yield return new Fault.Crash(number, After: true);
        foreach (var lag in Lags)
            yield return new Fault.StaleRestart(number, lag, Lagging);
        foreach (var code in OfWrites)
            yield return new Fault.Refusal(number, code);
        foreach (var code in AfterCommit)
            yield return new Fault.Refusal(number, code, After: true);
        yield return new Fault.Refusal(number, HttpStatusCode.TooManyRequests) { RetryAfter = 2 };
        yield return new Fault.Refusal(number, HttpStatusCode.ServiceUnavailable) { RetryAfter = 60 };
        yield return new Fault.Refusal(number, HttpStatusCode.Conflict) { Times = 5 };
        yield return new Fault.Refusal(number, HttpStatusCode.Forbidden) { For = TimeSpan.FromMinutes(2) };
        yield return new Fault.Refusal(number, HttpStatusCode.UnprocessableEntity) { For = TimeSpan.FromMinutes(10) };
        yield return new Fault.Slow(number, TimeSpan.FromSeconds(8));
        foreach (var plural in Cached)
            yield return new Fault.FrozenCache(number, plural, Frozen);
    }

    private static IEnumerable<Fault> Read(ApiCall call)
    {
        var number = call.Number;
        yield return new Fault.Crash(number, After: false);
        yield return new Fault.Reset(number, After: false);
        yield return new Fault.Reset(number, After: true);
        yield return new Fault.Hang(number, After: false);
        yield return new Fault.Freeze(number, Frozen, After: true);
        yield return new Fault.Slow(number, TimeSpan.FromSeconds(8));
        foreach (var code in OfReads)
            yield return new Fault.Refusal(number, code);
        yield return new Fault.Refusal(number, HttpStatusCode.TooManyRequests) { RetryAfter = 2 };
        if (call.Verb == "list")
            yield return new Fault.StaleList(number, 5);
        if (call.Verb is "list" or "watch")
            yield return new Fault.Refusal(number, HttpStatusCode.Gone);
    }

    private static IEnumerable<Fault> Views(IEnumerable<ViewedEvent> events)
    {
        foreach (var moment in events.GroupBy(viewed => (viewed.Call.Number, viewed.At)))
        {
            foreach (var viewed in moment)
                yield return new Fault.View(viewed.Call.Number, viewed.Number, ViewFault.Drop);
            foreach (var what in Enum.GetValues<ViewFault>().Where(what => what != ViewFault.Drop))
                yield return new Fault.View(moment.Key.Number, moment.First().Number, what);
        }
    }
}
