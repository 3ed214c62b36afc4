using System.Text.Json.Serialization;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>What came of a rehearsal.</summary>
/// <param name="Rollout">The Rollout, as namespace and name.</param>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Description">The scenario in a sentence.</param>
/// <param name="Settings">What was assumed.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Expected">How it should have; null where that is open.</param>
/// <param name="FailedCheck">The check that took the new version back; null where none did.</param>
/// <param name="ExpectedCheck">The check that should have; null where any may.</param>
/// <param name="Duration">How long it took from the shipping of the new version to the end.</param>
/// <param name="Message">What the Rollout said last.</param>
/// <param name="Requests">What became of the requests since the new version was shipped.</param>
/// <param name="Warnings">What cannot work as it is configured.</param>
/// <param name="Timeline">What happened, in order.</param>
/// <param name="Course">Weights and error rates over time, for charts.</param>
public sealed record RehearsalResult(
    string Rollout,
    string Scenario,
    string Description,
    RehearsalSettings Settings,
    Outcome Outcome,
    Outcome? Expected,
    string? FailedCheck,
    string? ExpectedCheck,
    TimeSpan Duration,
    string Message,
    RequestSummary Requests,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<CoursePoint> Course)
{
    /// <summary>Whether it ended as it should.</summary>
    [JsonIgnore]
    public bool IsAsExpected =>
        (Expected is null ? Outcome is not (Outcome.Invalid or Outcome.Stuck) : Outcome == Expected) && (ExpectedCheck is null || FailedCheck == ExpectedCheck);
}

/// <summary>What became of requests.</summary>
/// <param name="Total">All that were sent.</param>
/// <param name="Failed">Those that brought their user no answer.</param>
/// <param name="Lost">Those of them that were sent where no pod was ready.</param>
/// <param name="ToNew">Those that were sent to the new version.</param>
/// <param name="FailedByNew">Those of them that failed.</param>
/// <param name="SlowestHundredth">What one of a hundred answers of the new version took longer than.</param>
public sealed record RequestSummary(long Total, long Failed, long Lost, long ToNew, long FailedByNew, TimeSpan SlowestHundredth);

/// <summary>Something that happened.</summary>
/// <param name="At">When, after the new version was shipped.</param>
/// <param name="Kind">Of what kind it is.</param>
/// <param name="Text">What happened, in a sentence.</param>
/// <param name="Weight">Percent of the traffic that the new version had.</param>
/// <param name="Failed">How many requests had failed by then.</param>
public sealed record TimelineEntry(TimeSpan At, TimelineKind Kind, string Text, int Weight, long Failed);

/// <summary>The kinds of things that happen.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimelineKind>))]
public enum TimelineKind
{
    /// <summary>The world did something.</summary>
    World,

    /// <summary>A rollout began.</summary>
    Started,

    /// <summary>A weight was set and reached the proxies.</summary>
    Weight,

    /// <summary>A look at the metrics.</summary>
    Check,

    /// <summary>It stands still, for a reason.</summary>
    Held,

    /// <summary>A step was passed.</summary>
    Passed,

    /// <summary>Traffic goes back.</summary>
    RolledBack,

    /// <summary>The new version stays.</summary>
    Promoted,

    /// <summary>All is done.</summary>
    Done,
}

/// <summary>A moment of a rehearsal.</summary>
/// <param name="At">When, after the new version was shipped.</param>
/// <param name="Share">Percent of the requests that went to the newest version.</param>
/// <param name="NewErrorRate">Percent of its requests that failed since the point before; null where it had none.</param>
/// <param name="OldErrorRate">The same of the version before.</param>
public sealed record CoursePoint(TimeSpan At, double Share, double? NewErrorRate, double? OldErrorRate);
