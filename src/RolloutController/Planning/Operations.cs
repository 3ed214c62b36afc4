using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>
/// Carries out what a person asked for: once for an id, and only for the revision that it was meant for, so that a command that
/// arrives late does not hit another version.
/// </summary>
internal static class Operations
{
    /// <summary>Applies a new operation to the state.</summary>
    /// <returns>The observation after it, and what became of it; the earlier outcome where there is nothing new.</returns>
    public static (Observation After, OperationResult? Result) CarryOut(Observation seen)
    {
        if (seen.Spec.Operation is not { } asked || asked.Id == seen.Status.Operation?.Id || seen.Rollout.DeletedAt is not null)
            return (seen, seen.Status.Operation);
        var (after, refusal) = asked.Verb switch
        {
            OperationVerb.Promote => Promote(seen, asked),
            OperationVerb.Abort => Abort(seen, asked),
            OperationVerb.Retry => Retry(seen, asked),
            OperationVerb.Undo => Undoing.Undo(seen, asked),
            OperationVerb.Skip => Skipping.Skip(seen, asked),
            OperationVerb.PromoteFull => Skipping.PromoteFull(seen, asked),
            _ => (seen, $"'{asked.Verb}' is not an operation"),
        };
        return (after, new OperationResult
        {
            Id = asked.Id,
            Verb = asked.Verb,
            Revision = asked.Revision,
            Outcome = refusal is null ? OperationOutcome.Done : OperationOutcome.Refused,
            Message = refusal ?? $"{asked.Verb} {(asked.Verb == OperationVerb.Undo ? "to" : "of")} {asked.Revision} carried out{Skipping.Told(seen, after)}",
            Time = seen.Now,
        });
    }

    /// <summary>What people are told of an operation, once.</summary>
    /// <param name="before">The observation before it.</param>
    /// <param name="after">The observation after it.</param>
    /// <param name="result">What became of it.</param>
    public static IEnumerable<Notice> Tell(Observation before, Observation after, OperationResult? result)
    {
        if (result is null || result == before.Status.Operation)
            return [];
        if (result.Outcome == OperationOutcome.Refused)
            return [new Notice(EventReason.OperationRefused, $"{before.Spec.Operation}: {result.Message}", Severity.P2)];
        return after.Status.LastRollback is { } rollback && rollback != before.Status.LastRollback
            ? [Notice.RolledBack(before.Status.State, rollback)]
            : [new Notice(EventReason.OperationDone, $"{before.Spec.Operation}: {result.Message}")];
    }

    private static (Observation, string?) Promote(Observation seen, OperationRequest asked) => seen.Status.State switch
    {
        Progressing { Stage: StepStage.Judging } step when step.Canary == asked.Revision && seen.Spec.StepAt(step.Weight).Pause =>
            (With(seen, step with { Approved = true }), null),
        Progressing step when step.Canary == asked.Revision =>
            (seen, $"the rollout of {asked.Revision} is not waiting for a person; Promote lets a step with 'pause: true' go on once its weight is set"),
        _ => (seen, NotInFlight(seen, asked)),
    };

    private static (Observation, string?) Abort(Observation seen, OperationRequest asked) => seen.Status.State switch
    {
        Progressing step when step.Canary == asked.Revision =>
            (TakeBack(seen with { Status = seen.Status with { FailedRevision = step.Canary } }, step, asked, RollbackCause.Aborted, $"aborted at {step.Weight} %"), null),
        RollingBack back when back.Canary == asked.Revision => (seen, null),
        Promoting promoting when promoting.Canary == asked.Revision =>
            (seen, $"{asked.Revision} has passed every step and is being promoted; to go back, apply the earlier template or write {{verb: Undo, revision: {promoting.Stable}}}"),
        _ => (seen, NotInFlight(seen, asked)),
    };

    /// <summary>Lets a revision that failed or was undone be tried again.</summary>
    public static (Observation After, string? Refusal) Retry(Observation seen, OperationRequest asked)
    {
        var failed = seen.Status.FailedRevision == asked.Revision;
        var undone = seen.Status.Undo?.From == asked.Revision;
        return undone || (failed && seen.Status.State is AtRest or RollingBack)
            ? (seen with { Status = seen.Status with { FailedRevision = failed ? "" : seen.Status.FailedRevision, Undo = undone ? null : seen.Status.Undo } }, null)
            : (seen, $"{asked.Revision} is not a revision that failed or was undone; {Names(seen)}");
    }

    /// <summary>Takes the canary of a rollout back because a person asked for it.</summary>
    /// <param name="seen">What is there.</param>
    /// <param name="flight">The rollout.</param>
    /// <param name="asked">What the person asked for.</param>
    /// <param name="cause">The cause of the rollback; its name is the reason that is recorded.</param>
    /// <param name="what">What happens to the canary, as the beginning of a sentence.</param>
    public static Observation TakeBack(Observation seen, InFlight flight, OperationRequest asked, RollbackCause cause, string what)
    {
        var rollback = new Rollback
        {
            Revision = flight.Canary,
            Check = "operation",
            Reason = cause.ToString(),
            Message = $"{what} by {asked}",
            Time = seen.Now,
        };
        return RevisionHistory.Enter(
            seen with { Status = seen.Status with { LastRollback = rollback } },
            flight is Progressing step ? StepPlanner.Back(seen, step, cause) : new RollingBack(flight.Stable, flight.Canary, flight.Traffic, ConclusionStage.Pinning, seen.Now, cause));
    }

    private static Observation With(Observation seen, RolloutState state) => seen with { Status = seen.Status with { State = state } };

    /// <summary>Why an operation for a revision that is not on its way is refused.</summary>
    public static string NotInFlight(Observation seen, OperationRequest asked) =>
        $"{asked.Revision} is not being rolled out; {Names(seen)}";

    private static string Names(Observation seen) => seen.Status.State switch
    {
        InFlight flight => $"{flight.Canary} is",
        _ when seen.Status.FailedRevision.Length > 0 => $"the one that failed is {seen.Status.FailedRevision}",
        _ => "no rollout is running",
    };
}
