using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// What became of the last revisions, the newest first. An end is a change of the state, and a state is written once: so is its record.
/// </summary>
internal static class RevisionHistory
{
    private const int MaxRecords = 10;
    private const int MaxImages = 8;
    private const int MaxImageLength = 512;
    private const int MaxMessageLength = 1024;

    /// <summary>Enters a state, and records the end that this is for a revision.</summary>
    /// <param name="seen">What is there, with the rollback that leads into the state.</param>
    /// <param name="next">The state.</param>
    public static Observation Enter(Observation seen, RolloutState next)
    {
        var history = seen.Status.History;
        if (seen.Rollout.DeletedAt is null && End(seen, next) is { } end && !IsRecorded(history, end))
            history = [end, .. history.Take(MaxRecords - 1)];
        return seen with { Status = seen.Status with { State = next, History = history, StartedAt = StartedAt(seen, next) } };
    }

    /// <summary>A rollout begins when a canary sets out, be it the one that was just taken back.</summary>
    private static DateTimeOffset? StartedAt(Observation seen, RolloutState next) => (seen.Status.State, next) switch
    {
        (Concluding, Progressing) => seen.Now,
        (InFlight before, InFlight after) when before.Canary == after.Canary => seen.Status.StartedAt,
        (_, InFlight) => seen.Now,
        _ => null,
    };

    private static RevisionRecord? End(Observation seen, RolloutState next) => (seen.Status.State, next) switch
    {
        (Deploying first, AtRest rest) when first.Revision == rest.Revision => Record(seen, rest.Revision, RevisionOutcome.Deployed, "it got all the traffic without steps"),
        (Promoting, Promoting { Stage: ConclusionStage.Settling } promoted) => Promoted(seen, promoted),
        (Promoting { IsRouted: false } promoted, AtRest) => Promoted(seen, promoted),
        (not RollingBack, RollingBack back) => TakenBack(seen, back),
        (Progressing step, AtRest) => Stopped(seen, step),
        _ => null,
    };

    /// <summary>Traffic that something else moved and that is moved again is not another promotion.</summary>
    private static bool IsRecorded(IReadOnlyList<RevisionRecord> history, RevisionRecord end) =>
        end.Outcome == RevisionOutcome.Promoted && history is [var newest, ..] && (newest.Revision, newest.Outcome) == (end.Revision, end.Outcome);

    private static RevisionRecord Promoted(Observation seen, Promoting promoted) =>
        Record(seen, promoted.Canary, RevisionOutcome.Promoted, promoted.Waiver is null
            ? $"it passed every step and replaced {promoted.Stable}"
            : $"it replaced {promoted.Stable}; {promoted.Waiver}");

    /// <summary>A version that ends before its first request goes straight to rest.</summary>
    private static RevisionRecord Stopped(Observation seen, Progressing step) => seen.Status.LastRollback switch
    {
        { Check: "operation" } asked when asked.Revision == step.Canary => Record(seen, step.Canary, RevisionOutcome.Aborted, asked.Message),
        { } failed when failed.Revision == step.Canary => Record(seen, step.Canary, RevisionOutcome.RolledBack, failed.Message),
        _ => Record(seen, step.Canary, RevisionOutcome.Superseded, $"{(seen.Template as TemplateView.Accepted)?.Revision} took its place"),
    };

    private static RevisionRecord? TakenBack(Observation seen, RollingBack back) => back.Cause switch
    {
        RollbackCause.Failed => Record(seen, back.Canary, RevisionOutcome.RolledBack, seen.Status.LastRollback?.Message ?? ""),
        RollbackCause.Aborted => Record(seen, back.Canary, RevisionOutcome.Aborted, seen.Status.LastRollback?.Message ?? ""),
        RollbackCause.Undone => Record(seen, back.Canary, RevisionOutcome.Undone, seen.Status.LastRollback?.Message ?? ""),
        RollbackCause.Superseded => Record(seen, back.Canary, RevisionOutcome.Superseded, $"{(seen.Template as TemplateView.Accepted)?.Revision} took its place"),
        RollbackCause.Reverted => Record(seen, back.Canary, RevisionOutcome.Reverted, $"the template became {back.Stable} again"),
        RollbackCause.ScaledToZero => Record(seen, back.Canary, RevisionOutcome.ScaledToZero, "spec.replicas became 0"),
        _ => null,
    };

    private static RevisionRecord Record(Observation seen, string revision, RevisionOutcome outcome, string why)
    {
        var message = seen.Status.State is InFlight flight && flight.Canary == revision ? why + ConfigState.Change(seen, flight.Stable, revision) : why;
        return new RevisionRecord
        {
            Revision = revision,
            Images = [.. (seen.Find(revision)?.Images ?? []).Take(MaxImages).Select(image => Cut(image, MaxImageLength))],
            Time = seen.Now,
            Outcome = outcome,
            Message = Cut(message, MaxMessageLength),
        };
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
