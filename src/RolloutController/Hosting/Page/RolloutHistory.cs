using RolloutController.Api;
using RolloutController.Control;

namespace RolloutController.Hosting.Page;

/// <summary>Something that happened to a Rollout.</summary>
/// <param name="Time">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Text">A sentence about it.</param>
/// <param name="Weight">Percent of the traffic that the new version carried then; where it goes back, that of the step.</param>
internal sealed record HistoryEntry(DateTimeOffset Time, HistoryKind Kind, string Text, int Weight);

/// <summary>What can happen to a Rollout.</summary>
internal enum HistoryKind
{
    /// <summary>The first version serves.</summary>
    Deployed,

    /// <summary>A new version sets out.</summary>
    Started,

    /// <summary>The new version carries a step's weight.</summary>
    WeightSet,

    /// <summary>A step was passed.</summary>
    Passed,

    /// <summary>Something holds it up, or no longer does.</summary>
    Waiting,

    /// <summary>It waits for a person.</summary>
    Paused,

    /// <summary>It goes on.</summary>
    Resumed,

    /// <summary>The new version passed every step.</summary>
    Promoted,

    /// <summary>The traffic goes back.</summary>
    RollingBack,

    /// <summary>The traffic is back.</summary>
    RolledBack,

    /// <summary>A person asked for something.</summary>
    Operation,

    /// <summary>It cannot be carried out as it is written.</summary>
    Invalid,
}

/// <summary>Weight and error rate at one moment.</summary>
/// <param name="Time">When.</param>
/// <param name="Weight">Percent of the traffic that the new version carries.</param>
/// <param name="Rate">The error rate since the step began, as a fraction; null where nothing is counted.</param>
/// <param name="Requests">Requests since the step began.</param>
internal readonly record struct SeriesPoint(DateTimeOffset Time, int Weight, double? Rate, long Requests);

/// <summary>Tells from two states of a Rollout what happened in between. Pure.</summary>
internal static class RolloutHistory
{
    /// <summary>Holdups that a person wants to know of afterwards; that pods take a while to start is none.</summary>
    private static readonly string[] Holdups =
        ["NoData", "Stale", "ProviderError", "ConfigError", "InsufficientData", "Inconclusive", "Warning", "RouteDrift", "RouteNotAccepted", "ProgressDeadlineExceeded", "StableUnavailable"];

    /// <summary>What happened.</summary>
    /// <param name="before">The Rollout as it was; null when it was not known.</param>
    /// <param name="after">The Rollout as it is.</param>
    /// <param name="now">The time of what has none of its own.</param>
    public static IEnumerable<HistoryEntry> Between(RolloutObject? before, RolloutObject after, DateTimeOffset now)
    {
        if (before is null)
            return Remembered(after.Status).OrderBy(entry => entry.Time);
        var (was, status) = (before.Status, after.Status);
        var moved = Moved(was, status).ToList();
        // A step that was passed says by itself that it goes on.
        var held = Held(was, status).Where(found => found.Kind != HistoryKind.Resumed || moved.Count == 0);
        return [.. Asked(was, status), .. moved.Concat(held).Select(found => new HistoryEntry(now, found.Kind, found.Text, Weight(was, status, found.Kind)))];
    }

    /// <summary>Whether a new version sets out.</summary>
    public static bool Starts(RolloutStatus was, RolloutStatus status) =>
        status.State is Progressing now && (was.State is not InFlight before || before.Canary != now.Canary || was.State is not Progressing);

    /// <summary>A version that goes back failed at the step that it was at, or on the way to.</summary>
    private static int Weight(RolloutStatus was, RolloutStatus status, HistoryKind kind) =>
        kind == HistoryKind.RollingBack && was.State is Progressing step ? step.Weight : RolloutViews.CanaryWeight(status);

    /// <summary>What the status itself remembers of the time before.</summary>
    private static IEnumerable<HistoryEntry> Remembered(RolloutStatus status)
    {
        if (status.LastRollback is { } rollback)
            yield return new HistoryEntry(rollback.Time, HistoryKind.RollingBack, $"{rollback.Revision} is rolled back: {rollback.Message}", 0);
        if (status.Operation is { } operation)
            yield return Entry(operation, status);
    }

    private static IEnumerable<HistoryEntry> Asked(RolloutStatus was, RolloutStatus status)
    {
        if (status.Operation is { } operation && operation.Id != was.Operation?.Id)
            yield return Entry(operation, status);
    }

    private static HistoryEntry Entry(OperationResult operation, RolloutStatus status) =>
        new(operation.Time, HistoryKind.Operation, operation.Outcome == OperationOutcome.Refused ? $"{operation.Verb} refused: {operation.Message}" : operation.Message, RolloutViews.CanaryWeight(status));

    private static IEnumerable<(HistoryKind Kind, string Text)> Moved(RolloutStatus was, RolloutStatus status) => (was.State, status.State) switch
    {
        _ when Starts(was, status) => [(HistoryKind.Started, Started((Progressing)status.State)), .. Carried(null, (Progressing)status.State)],
        (Progressing before, Progressing now) => [.. Passed(was, before, now), .. Carried(before, now)],
        (Progressing before, Promoting) => [(HistoryKind.Passed, Passed(was, before)), (HistoryKind.Promoted, $"{before.Canary} {(before.Waiver is null ? "passed every step and is promoted" : $"is promoted; {before.Waiver}")}")],
        (Progressing before, AtRest) when status.LastRollback is { } rollback && rollback != was.LastRollback =>
            [(HistoryKind.RolledBack, $"{before.Canary} is rolled back: {rollback.Message}")],
        (not RollingBack, RollingBack now) => [(HistoryKind.RollingBack, Cause(status, now))],
        (RollingBack { Stage: not ConclusionStage.Settling } before, RollingBack { Stage: ConclusionStage.Settling } or AtRest) =>
            [(HistoryKind.RolledBack, $"{before.Stable} has all the traffic again")],
        (Promoting before, AtRest) => [(HistoryKind.Deployed, $"{before.Canary} is stable; nothing is left of the rollout")],
        (Deploying, AtRest now) => [(HistoryKind.Deployed, $"{now.Revision} is deployed")],
        _ => [],
    };

    private static IEnumerable<(HistoryKind Kind, string Text)> Held(RolloutStatus was, RolloutStatus status)
    {
        var (before, now) = (Holdup(was), Holdup(status));
        if (status.Phase == Phase.Invalid && (was.Phase != Phase.Invalid || was.Message != status.Message))
            yield return (HistoryKind.Invalid, status.Message);
        else if (status.Phase == Phase.Paused && was.Phase != Phase.Paused)
            yield return (HistoryKind.Paused, status.Message);
        else if (was.Phase == Phase.Paused && status.Phase is Phase.Progressing or Phase.Healthy)
            yield return (HistoryKind.Resumed, "it goes on");
        else if (now is not null && now != before)
            yield return (HistoryKind.Waiting, status.Message);
        else if (before is not null && RolloutViews.Reason(status) == "StepRunning")
            yield return (HistoryKind.Resumed, "the metrics can be judged again");
    }

    /// <summary>What holds a rollout up; null where nothing does. Before the first look of a step there is nothing to know yet.</summary>
    private static string? Holdup(RolloutStatus status) =>
        status.State is Progressing && RolloutViews.Reason(status) is var reason && Holdups.Contains(reason) && !(reason == "NoData" && IsUnseen(status.Evidence)) ? reason : null;

    private static bool IsUnseen(StoredEvidence? evidence) =>
        evidence is null or { SampledAt: null } && (evidence?.Checks ?? []).All(check => check.SampledAt is null) && (evidence?.Counts ?? []).All(counts => counts.SampledAt is null);

    private static string Started(Progressing step) => $"{step.Canary} sets out to replace {step.Stable}";

    private static IEnumerable<(HistoryKind Kind, string Text)> Passed(RolloutStatus was, Progressing before, Progressing now) =>
        now.Weight > before.Weight && before.Stage == StepStage.Judging ? [(HistoryKind.Passed, Passed(was, before))] : [];

    private static string Passed(RolloutStatus was, Progressing step) => step.Skip is not null ? $"{step.Weight} % skipped" : was.Evidence is { SampledAt: not null } evidence
        ? FormattableString.Invariant($"{step.Weight} % passed: {evidence.Requests:N0} requests, {evidence.Errors:N0} failed")
        : $"{step.Weight} % passed";

    private static IEnumerable<(HistoryKind Kind, string Text)> Carried(Progressing? before, Progressing now) =>
        now.Stage == StepStage.Judging && (before is null || before.Stage != StepStage.Judging || before.Weight != now.Weight)
            ? [(HistoryKind.WeightSet, $"{now.Canary} carries {now.Weight} % of the traffic")]
            : [];

    private static string Cause(RolloutStatus status, RollingBack state) => state.Cause switch
    {
        RollbackCause.Failed or RollbackCause.Aborted or RollbackCause.Undone when status.LastRollback is { } rollback => $"{state.Canary} is rolled back: {rollback.Message}",
        RollbackCause.Superseded => $"a newer version replaces {state.Canary}; traffic goes to {state.Stable} first",
        RollbackCause.Reverted => $"the template is {state.Stable} again; {state.Canary} goes",
        RollbackCause.ScaledToZero => $"scaled to zero; the rollout of {state.Canary} ends",
        RollbackCause.RecordLost => "the record of the rollout was lost; it starts anew",
        _ => $"{state.Canary} is rolled back",
    };
}
