using System.Globalization;
using NodaTime;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// The times at which a rollout may start or advance, as the wall clock of their time zone shows them: what it shows twice when summer
/// time ends is open twice, and what it skips when summer time begins does not come on that day.
/// </summary>
internal sealed class RolloutWindows
{
    /// <summary>The days in which every window comes round, even one that lies in the hour that is skipped on its day.</summary>
    private const int Fortnight = 15;

    private readonly DateTimeZone _zone;
    private readonly IReadOnlyList<Weekly> _windows;

    private RolloutWindows(DateTimeZone zone, IReadOnlyList<Weekly> windows) => (_zone, _windows) = (zone, windows);

    /// <summary>The windows that a spec asks for; null where it asks for none, or where their time zone is a <see cref="Problem"/>.</summary>
    public static RolloutWindows? Of(RolloutSpec spec) => spec.Windows is { } windows && Zone(windows) is { } zone
        ? new RolloutWindows(zone, [.. windows.Open.Select(Weekly.Of)])
        : null;

    /// <summary>What is wrong with the windows that a spec asks for; null where nothing is.</summary>
    public static Problem? Problem(RolloutSpec spec) => spec.Windows is { } windows && Zone(windows) is null
        ? new Problem(EventReason.UnknownTimeZone, "spec.windows.timeZone", $"there is no time zone '{windows.TimeZone}'; write a name of the IANA database, such as America/Toronto or UTC")
        : null;

    /// <summary>
    /// When a rollout that may not start or advance now may; null where it may. A stable version that serves nobody is no reason to
    /// wait (a bad stable never blocks the fix), nor is a person's undo, which is a rollback by its purpose.
    /// </summary>
    /// <param name="seen">What is there.</param>
    /// <param name="stable">The revision that would give up traffic.</param>
    public static Opening? Awaited(Observation seen, string stable) =>
        seen.Find(stable) is not (null or { Replicas: > 0, Available: 0 }) && seen.Status.Undo is null && Of(seen.Spec) is { } windows && !windows.AreOpen(seen.Now)
            ? windows.Next(seen.Now)
            : null;

    /// <summary>Whether one of them is open.</summary>
    public bool AreOpen(DateTimeOffset now) => AreOpen(Instant.FromDateTimeOffset(now));

    /// <summary>The first moment from now on at which one is open.</summary>
    public DateTimeOffset NextOpening(DateTimeOffset now) => Next(now).At;

    /// <summary>A window opens where one begins, as often as the wall clock shows that time, or where a change of the clock leads into one.</summary>
    private Opening Next(DateTimeOffset now)
    {
        var start = Instant.FromDateTimeOffset(now);
        var today = start.InZone(_zone).Date;
        var changes = _zone.GetZoneIntervals(start, start + Duration.FromDays(Fortnight)).Where(interval => interval.HasStart).Select(interval => interval.Start);
        var next = _windows.SelectMany(window => window.Beginnings(today.PlusDays(-1), Fortnight + 1))
            .SelectMany(Moments)
            .Concat(changes)
            .Where(moment => moment > start)
            .Prepend(start)
            .Where(AreOpen)
            .Min();
        return new Opening(next.ToDateTimeOffset(), Text(next.InZone(_zone)));
    }

    private bool AreOpen(Instant moment)
    {
        var time = moment.InZone(_zone).LocalDateTime;
        return _windows.Any(window => window.Contains(time));
    }

    private IEnumerable<Instant> Moments(LocalDateTime time) => _zone.MapLocal(time) switch
    {
        { Count: 0 } => [],
        var found => [found.First().ToInstant(), found.Last().ToInstant()],
    };

    private static DateTimeZone? Zone(WindowsSpec windows) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(windows.TimeZone);

    private static string Text(ZonedDateTime moment)
    {
        var local = $"{moment.ToString("ddd uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture)} {moment.Zone.Id}";
        return moment.Offset == Offset.Zero ? local : $"{local} ({moment.WithZone(DateTimeZone.Utc).ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC)";
    }

    /// <summary>One window, which begins on some days of each week and is a day long at the most.</summary>
    /// <param name="Days">The days on which it begins; null means every day.</param>
    /// <param name="From">Minutes from midnight to its beginning.</param>
    /// <param name="Length">Minutes from its beginning to its end.</param>
    private sealed record Weekly(IReadOnlyList<Weekday>? Days, int From, int Length)
    {
        private const int Day = 24 * 60;

        public static Weekly Of(OpenWindow window)
        {
            var (from, to) = (Minutes(window.From ?? "00:00"), Minutes(window.To ?? "24:00"));
            return new Weekly(window.Days, from, to > from ? to - from : to - from + Day);
        }

        public bool Contains(LocalDateTime time) =>
            Beginnings(time.Date.PlusDays(-1), 2).Any(beginning => beginning <= time && time < beginning.PlusMinutes(Length));

        public IEnumerable<LocalDateTime> Beginnings(LocalDate first, int days) => Enumerable.Range(0, days)
            .Select(first.PlusDays)
            .Where(date => Days is null || Days.Contains((Weekday)date.DayOfWeek))
            .Select(date => date.AtMidnight().PlusMinutes(From));

        private static int Minutes(string time) =>
            int.Parse(time.AsSpan(0, 2), CultureInfo.InvariantCulture) * 60 + int.Parse(time.AsSpan(3, 2), CultureInfo.InvariantCulture);
    }
}

/// <summary>The moment at which a window opens.</summary>
/// <param name="At">The moment.</param>
/// <param name="Text">The moment for people, in the windows' time zone and in UTC.</param>
internal sealed record Opening(DateTimeOffset At, string Text);
