using System.Globalization;

namespace RolloutController.Cli.Output;

/// <summary>Moments for people: on their own clock and in UTC, which is what logs and colleagues elsewhere go by.</summary>
/// <param name="clock">The clock, and the local time zone.</param>
internal sealed class Times(TimeProvider clock)
{
    /// <summary>The present.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>A moment, such as <c>2026-03-05 11:00:00 +01:00 (10:00:00 UTC)</c>.</summary>
    public string Full(DateTimeOffset moment)
    {
        var local = Local(moment);
        if (local.Offset == TimeSpan.Zero)
            return Write(local, "yyyy-MM-dd HH:mm:ss 'UTC'");
        var utc = moment.ToUniversalTime();
        return $"{Write(local, "yyyy-MM-dd HH:mm:ss zzz")} ({Write(utc, utc.Date == local.Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss")} UTC)";
    }

    /// <summary>A moment of these hours, such as <c>11:00:00 (10:00:00 UTC)</c>.</summary>
    public string Short(DateTimeOffset moment)
    {
        var local = Local(moment);
        return local.Offset == TimeSpan.Zero
            ? Write(local, "HH:mm:ss 'UTC'")
            : $"{Write(local, "HH:mm:ss")} ({Write(moment.ToUniversalTime(), "HH:mm:ss")} UTC)";
    }

    /// <summary>How long ago a moment was, in its two largest units, such as <c>4m20s</c>.</summary>
    public string Age(DateTimeOffset moment) => Length(Now - moment);

    /// <summary>A time in its two largest units; days alone from ten on.</summary>
    public static string Length(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => "0s",
        { TotalMinutes: < 1 } => Invariant($"{time.Seconds}s"),
        { TotalHours: < 1 } => Invariant($"{time.Minutes}m{Rest(time.Seconds, "s")}"),
        { TotalDays: < 1 } => Invariant($"{time.Hours}h{Rest(time.Minutes, "m")}"),
        { TotalDays: < 10 } => Invariant($"{time.Days}d{Rest(time.Hours, "h")}"),
        _ => Invariant($"{time.Days}d"),
    };

    private DateTimeOffset Local(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, clock.LocalTimeZone);

    private static string Rest(int count, string unit) => count == 0 ? "" : Invariant($"{count}{unit}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private static string Write(DateTimeOffset moment, string format) => moment.ToString(format, CultureInfo.InvariantCulture);
}
