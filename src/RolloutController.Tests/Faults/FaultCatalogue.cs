using System.Net;

namespace RolloutController.Tests.Faults;

/// <summary>
/// The faults that apply to a golden run. Left out is only what cannot differ from what is in:
/// a read that fails before the API has seen it or after;
/// statuses that the client treats alike (<c>RequestPipelines.MayRepeat</c>), of which each call meets one, by turns, and so with those that last and with the
/// ways in which a watch ends;
/// a cache that stands still while nothing of its kind happens;
/// what becomes of an event for people, beside that it fails, hangs or is the last;
/// the calls before the story begins, which are the same in all stories of one setting, and are hit in the first of them;
/// and a watch that breaks between two events of one moment, between which no process does anything.
/// </summary>
internal static class FaultCatalogue
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Lagging = TimeSpan.FromSeconds(10);
    private static readonly int[] Lags = [1, 4, 16];

    private static readonly HttpStatusCode[][] OfReads =
    [
        [HttpStatusCode.Forbidden], [HttpStatusCode.NotFound], [HttpStatusCode.TooManyRequests, HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable],
        [HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout],
    ];

    private static readonly HttpStatusCode[][] OfWrites = [.. OfReads, [HttpStatusCode.Conflict], [HttpStatusCode.UnprocessableEntity]];

    private static readonly ViewFault[] EndsOfWatch = [ViewFault.Cut, ViewFault.Gone, ViewFault.Garbage];

    private static readonly HttpStatusCode[][] AfterCommit = [[HttpStatusCode.InternalServerError, HttpStatusCode.ServiceUnavailable], [HttpStatusCode.BadGateway, HttpStatusCode.GatewayTimeout]];

    /// <summary>All faults that apply to a run.</summary>
    /// <param name="golden">The run.</param>
    /// <param name="fromStart">Whether the calls before the story count.</param>
    public static IEnumerable<Fault> Of(FaultRun golden, bool fromStart)
    {
        var journal = golden.Journal;
        var end = journal.LastWrite + TimeSpan.FromSeconds(1);
        var events = journal.Events.Where(viewed => viewed.At < end).ToList();
        return
        [
            .. journal.Calls.Skip(fromStart ? 0 : journal.CallsBefore).Where(call => call.At < end).SelectMany(call => Of(call, events)),
            .. Views(events.Skip(fromStart ? 0 : journal.EventsBefore)),
            .. Enumerable.Range(1, journal.Queries).SelectMany(OfQuery),
        ];
    }

    private static IEnumerable<Fault> Of(ApiCall call, IReadOnlyList<ViewedEvent> events) => call switch
    {
        { Plural: "events" } => [new Fault.Crash(call.Number, After: false), new Fault.Hang(call.Number, After: false), new Fault.Refusal(call.Number, HttpStatusCode.Forbidden)],
        { IsWrite: true } => Write(call).Concat(Caches(call, events)),
        _ => Read(call),
    };

    private static IEnumerable<Fault> Write(ApiCall call)
    {
        var number = call.Number;
        foreach (var after in new[] { false, true })
        {
            yield return new Fault.Crash(number, after);
            yield return new Fault.Reset(number, after);
            yield return new Fault.Hang(number, after);
            yield return new Fault.Freeze(number, Frozen, after);
        }
        yield return new Fault.StaleRestart(number, Lags[number % Lags.Length], Lagging);
        foreach (var codes in OfWrites)
            yield return new Fault.Refusal(number, codes[number % codes.Length]);
        foreach (var codes in AfterCommit)
            yield return new Fault.Refusal(number, codes[number % codes.Length], After: true);
        yield return new Fault.Refusal(number, HttpStatusCode.TooManyRequests) { RetryAfter = 2 };
        yield return new Fault.Refusal(number, HttpStatusCode.ServiceUnavailable) { RetryAfter = 60 };
        yield return new Fault.Refusal(number, HttpStatusCode.Conflict) { Times = 5 };
        // Shorter than progressDeadline, which takes a version back that gets nowhere.
        yield return number % 2 == 0
            ? new Fault.Refusal(number, HttpStatusCode.Forbidden) { For = TimeSpan.FromMinutes(2) }
            : new Fault.Refusal(number, HttpStatusCode.UnprocessableEntity) { For = TimeSpan.FromMinutes(4) };
        yield return new Fault.Slow(number, TimeSpan.FromSeconds(8));
    }

    private static IEnumerable<Fault> Caches(ApiCall call, IReadOnlyList<ViewedEvent> events) => events
        .Where(viewed => viewed.At >= call.At && viewed.At < call.At + Frozen)
        .Select(viewed => viewed.Call.Plural)
        .Distinct()
        .Select(plural => new Fault.FrozenCache(call.Number, plural, Frozen));

    private static IEnumerable<Fault> Read(ApiCall call)
    {
        var number = call.Number;
        yield return new Fault.Crash(number, After: false);
        yield return new Fault.Reset(number, After: false);
        yield return new Fault.Reset(number, After: true);
        yield return new Fault.Hang(number, After: false);
        yield return new Fault.Freeze(number, Frozen, After: true);
        yield return new Fault.Slow(number, TimeSpan.FromSeconds(8));
        foreach (var codes in OfReads)
            yield return new Fault.Refusal(number, codes[number % codes.Length]);
        yield return new Fault.Refusal(number, HttpStatusCode.TooManyRequests) { RetryAfter = 2 };
        if (call.Verb == "list")
            yield return new Fault.StaleList(number, 5);
        if (call.Verb is "list" or "watch")
            yield return new Fault.Refusal(number, HttpStatusCode.Gone);
    }

    /// <summary>A look is a few queries: each fails alone, and some looks fail whole.</summary>
    private static IEnumerable<Fault> OfQuery(int query) => Enum.GetValues<MetricsFault>()
        .SelectMany(what => (query % 4 == 1 ? new[] { 1, 8 } : [1]).Select(times => new Fault.Metrics(query, what, times)));

    /// <summary>
    /// That an event of the user's wish is lost at rest is left out: nothing but asking could tell, and at rest the API is asked for nothing. Its
    /// watches promise every event; midway the answer to the next write of the status shows it.
    /// </summary>
    private static IEnumerable<Fault> Views(IEnumerable<ViewedEvent> events)
    {
        foreach (var moment in events.GroupBy(viewed => (viewed.Call.Number, viewed.At)))
        {
            foreach (var viewed in moment.Where(viewed => !IsOfWishes(viewed)))
                yield return new Fault.View(viewed.Call.Number, viewed.Number, ViewFault.Drop);
            var first = moment.First();
            foreach (var what in new[] { ViewFault.Delay, ViewFault.Silence, EndsOfWatch[first.Number % EndsOfWatch.Length] })
                yield return new Fault.View(moment.Key.Number, first.Number, what);
        }
    }

    private static bool IsOfWishes(ViewedEvent viewed) => viewed.Call.Plural is "rollouts" or "deployments";
}
