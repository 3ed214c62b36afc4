using System.Globalization;
using System.Net;

namespace RolloutController.Tests.Faults;

/// <summary>
/// Something that goes wrong in a run, as data: what a run prints is what repeats it. Calls to the API are numbered from 1 over all
/// processes of a run, so a number of the golden run means the same call in a run that differs from it from there on only.
/// </summary>
internal abstract record Fault
{
    /// <summary>A fault that begins at a call to the API.</summary>
    /// <param name="Call">The number of the call.</param>
    public abstract record AtCall(int Call) : Fault;

    /// <summary>The process is killed at a call, before it reaches the API or after; another one starts.</summary>
    public sealed record Crash(int Call, bool After) : AtCall(Call);

    /// <summary>
    /// The process is killed after a call, and the next one reads from an API server that lags: the lists are older by some commits, and
    /// the watches catch up after a time.
    /// </summary>
    public sealed record StaleRestart(int Call, int Commits, TimeSpan For) : AtCall(Call);

    /// <summary>The API answers with a failure, before it has done what it was asked for or after.</summary>
    public sealed record Refusal(int Call, HttpStatusCode Code, bool After = false) : AtCall(Call)
    {
        /// <summary>The seconds of Retry-After; null without it.</summary>
        public int? RetryAfter { get; init; }

        /// <summary>How many such calls are refused, of the same verb to the same object.</summary>
        public int Times { get; init; } = 1;

        /// <summary>For how long every such call, of the same verb to the same kind, is refused; zero where <see cref="Times"/> counts.</summary>
        public TimeSpan For { get; init; }
    }

    /// <summary>The connection breaks, before the API gets the call or before its answer arrives.</summary>
    public sealed record Reset(int Call, bool After) : AtCall(Call);

    /// <summary>No answer ever comes, whether the API gets the call or not.</summary>
    public sealed record Hang(int Call, bool After) : AtCall(Call);

    /// <summary>The answer takes its time.</summary>
    public sealed record Slow(int Call, TimeSpan For) : AtCall(Call);

    /// <summary>The process stands still from a call on, which reaches the API before or when it goes on.</summary>
    public sealed record Freeze(int Call, TimeSpan For, bool After) : AtCall(Call);

    /// <summary>The process' time of day is set to another.</summary>
    public sealed record ClockJump(int Call, TimeSpan By) : AtCall(Call);

    /// <summary>From a call on the process sees nothing new of a kind for a time.</summary>
    public sealed record FrozenCache(int Call, string Plural, TimeSpan For) : AtCall(Call);

    /// <summary>A list is answered from a state that is older by some commits.</summary>
    public sealed record StaleList(int Call, int Commits) : AtCall(Call);

    /// <summary>Something happens to a watch at one of its events, counted from 1.</summary>
    /// <param name="Call">The number of the call that opened the watch.</param>
    /// <param name="Event">The number of the event.</param>
    /// <param name="What">What happens.</param>
    public sealed record View(int Call, int Event, ViewFault What) : AtCall(Call);

    /// <summary>Prometheus fails from a query on, counted from 1.</summary>
    /// <param name="Query">The number of the query.</param>
    /// <param name="What">How.</param>
    /// <param name="Times">How many queries in a row.</param>
    public sealed record Metrics(int Query, MetricsFault What, int Times) : Fault;

    /// <summary>One line, as C# that makes it again.</summary>
    public sealed override string ToString() => this switch
    {
        Crash crash => $"new Fault.Crash({crash.Call}, After: {Word(crash.After)})",
        StaleRestart stale => $"new Fault.StaleRestart({stale.Call}, {stale.Commits}, {Time(stale.For)})",
        Refusal refusal => $"new Fault.Refusal({refusal.Call}, (HttpStatusCode){(int)refusal.Code}, After: {Word(refusal.After)}) {{ RetryAfter = {refusal.RetryAfter?.ToString(CultureInfo.InvariantCulture) ?? "null"}, Times = {refusal.Times}, For = {Time(refusal.For)} }}",
        Reset reset => $"new Fault.Reset({reset.Call}, After: {Word(reset.After)})",
        Hang hang => $"new Fault.Hang({hang.Call}, After: {Word(hang.After)})",
        Slow slow => $"new Fault.Slow({slow.Call}, {Time(slow.For)})",
        Freeze freeze => $"new Fault.Freeze({freeze.Call}, {Time(freeze.For)}, After: {Word(freeze.After)})",
        ClockJump jump => $"new Fault.ClockJump({jump.Call}, {Time(jump.By)})",
        FrozenCache frozen => $"new Fault.FrozenCache({frozen.Call}, \"{frozen.Plural}\", {Time(frozen.For)})",
        StaleList stale => $"new Fault.StaleList({stale.Call}, {stale.Commits})",
        View view => $"new Fault.View({view.Call}, {view.Event}, ViewFault.{view.What})",
        Metrics metrics => $"new Fault.Metrics({metrics.Query}, MetricsFault.{metrics.What}, {metrics.Times})",
        _ => throw new InvalidOperationException(GetType().Name),
    };

    /// <summary>What kind of fault it is, without where.</summary>
    public string Kind => this switch
    {
        Crash crash => $"crash {When(crash.After)}",
        StaleRestart => "stale restart",
        Refusal refusal => $"{(int)refusal.Code}{(refusal.RetryAfter is null ? "" : " with Retry-After")}{(refusal.Times > 1 ? " x" + refusal.Times : "")}{(refusal.For > TimeSpan.Zero ? " for a while" : "")} {When(refusal.After)}",
        Reset reset => $"reset {When(reset.After)}",
        Hang hang => $"hang {When(hang.After)}",
        Slow => "slow",
        Freeze freeze => $"freeze {freeze.For.TotalSeconds} s {When(freeze.After)}",
        ClockJump jump => jump.By > TimeSpan.Zero ? "clock forward" : "clock back",
        FrozenCache frozen => $"frozen cache of {frozen.Plural}",
        StaleList => "stale list",
        View view => $"view {view.What}",
        Metrics metrics => $"metrics {metrics.What}",
        _ => GetType().Name,
    };

    private static string When(bool after) => after ? "after" : "before";

    private static string Word(bool value) => value ? "true" : "false";

    private static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"TimeSpan.FromSeconds({time.TotalSeconds})");
}

/// <summary>What can happen to a watch.</summary>
internal enum ViewFault
{
    /// <summary>One event never comes.</summary>
    Drop,

    /// <summary>One event, and with it what follows, comes late: other kinds overtake it.</summary>
    Delay,

    /// <summary>Nothing comes any more, and the connection stays open.</summary>
    Silence,

    /// <summary>The connection ends in place of the event.</summary>
    Cut,

    /// <summary>An error event with 410 comes in place of the event, with HTTP status 200.</summary>
    Gone,

    /// <summary>A line that is no JSON comes in place of the event.</summary>
    Garbage,
}

/// <summary>How Prometheus can fail.</summary>
internal enum MetricsFault
{
    /// <summary>The connection is refused.</summary>
    Refused,

    /// <summary>Status 500.</summary>
    Fails,

    /// <summary>No answer.</summary>
    Hangs,

    /// <summary>A login page with status 200.</summary>
    Html,

    /// <summary>No series.</summary>
    Empty,

    /// <summary>A value that is no number.</summary>
    NaN,
}
