using System.Globalization;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Reports;

/// <summary>A rehearsal as text for a terminal. The same rehearsal gives the same text, byte for byte.</summary>
internal static class TextReport
{
    /// <summary>Writes a rehearsal.</summary>
    /// <param name="result">The rehearsal.</param>
    /// <param name="output">Where to.</param>
    /// <param name="everything">Whether every look at the metrics is told.</param>
    public static void Write(RehearsalResult result, TextWriter output, bool everything)
    {
        var settings = result.Settings;
        output.WriteLine($"Rollout {result.Rollout}, scenario {result.Scenario}: {result.Description}");
        output.WriteLine(Text($"{settings.RequestsPerSecond:0.##} requests a second, scraped every {settings.ScrapeInterval.TotalSeconds:0.##} s, seed {settings.Seed}"));
        output.WriteLine();
        foreach (var warning in result.Warnings)
            output.WriteLine($"  warning: {warning}");
        if (result.Warnings.Count > 0)
            output.WriteLine();
        foreach (var entry in result.Timeline.Where(entry => everything || entry.Kind != TimelineKind.Check))
            output.WriteLine(Text($"  {Time(entry.At),8}  {Mark(entry.Kind)} {entry.Text}"));
        if (result.Timeline.Count > 0)
            output.WriteLine();
        output.WriteLine(Ending(result));
        if (result.Requests.Total == 0)
            return;
        output.WriteLine(Text($"{result.Requests.Failed:N0} of {result.Requests.Total:N0} requests failed meanwhile{(result.Requests.Lost > 0 ? Text($", {result.Requests.Lost:N0} of them for want of a ready pod") : "")}; the new version had {result.Requests.ToNew:N0} of them, failed {result.Requests.FailedByNew:N0}, and answered 99 of 100 within {result.Requests.SlowestHundredth.TotalMilliseconds:0} ms"));
    }

    /// <summary>One line on how it ended.</summary>
    public static string Ending(RehearsalResult result)
    {
        var ending = result.Outcome switch
        {
            Outcome.Promoted => $"Promoted after {Time(result.Duration)}.",
            Outcome.RolledBack => $"Rolled back after {Time(result.Duration)}.",
            Outcome.Invalid => $"Invalid: {Sentence(result.Message)}",
            _ => $"Stuck: {Sentence(result.Message)}",
        };
        return result.IsAsExpected || result.Expected is null ? ending : $"{ending} That is not what should come of it: {Name(result.Expected.Value)}.";
    }

    /// <summary>What tells rehearsals apart: the scenarios, with the Rollouts where there are several.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<RehearsalResult> results) =>
        results.DistinctBy(result => result.Rollout).Count() == 1 ? [.. results.Select(result => result.Scenario)] : [.. results.Select(result => $"{result.Rollout}  {result.Scenario}")];

    /// <summary>An outcome as people write it.</summary>
    public static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Promoted => "promoted",
        Outcome.RolledBack => "rolled-back",
        Outcome.Invalid => "invalid",
        _ => "stuck",
    };

    /// <summary>A time as minutes and seconds, with hours where there are any.</summary>
    public static string Time(TimeSpan time) => time.TotalHours >= 1
        ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);

    private static string Sentence(string text) => text.EndsWith('.') ? text : $"{text}.";

    private static string Mark(TimelineKind kind) => kind switch
    {
        TimelineKind.World => "*",
        TimelineKind.Weight => ">",
        TimelineKind.Held => "!",
        TimelineKind.RolledBack => "<",
        TimelineKind.Promoted => "+",
        _ => "-",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
