using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>How a Job ends. It is told twice: as soon as it is decided, and once more when no pod is left.</summary>
/// <param name="Decided">The condition that says that it is decided.</param>
/// <param name="Finished">The condition that says that it has come about.</param>
/// <param name="Reason">Why, in one word.</param>
/// <param name="Message">Why, for a person.</param>
internal sealed record JobEnd(string Decided, string Finished, string Reason, string Message)
{
    private static readonly JobEnd Complete = new("SuccessCriteriaMet", "Complete", "CompletionsReached", "Reached expected number of succeeded pods");
    private static readonly JobEnd TooManyFailures = new("FailureTarget", "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
    private static readonly JobEnd TooLate = new("FailureTarget", "Failed", "DeadlineExceeded", "Job was active longer than specified deadline");

    private static readonly JobEnd[] All = [Complete, TooManyFailures, TooLate];

    /// <summary>When a Job ended; null while it has not.</summary>
    public static DateTimeOffset? TimeOf(StoredObject job) => All
        .Select(end => job.Json.Condition(end.Finished))
        .FirstOrDefault(condition => condition.Text("status") == "True").Time("lastTransitionTime");

    /// <summary>How a Job ends, in the order in which a cluster asks; null while it goes on. What was decided stays.</summary>
    /// <param name="job">The Job.</param>
    /// <param name="tally">Its pods.</param>
    /// <param name="deadline">When it is too late; null for never.</param>
    /// <param name="now">The time.</param>
    public static JobEnd? Of(StoredObject job, JobTally tally, DateTimeOffset? deadline, DateTimeOffset now) =>
        All.FirstOrDefault(end => job.Json.Condition(end.Decided) is { } decided && decided.Text("status") == "True" && decided.Text("reason") == end.Reason)
        ?? (HasFailedTooOften(job, tally) ? TooManyFailures : now >= deadline ? TooLate : HasSucceeded(job, tally) ? Complete : null);

    private static bool HasFailedTooOften(StoredObject job, JobTally tally)
    {
        var limit = job.Json.Integer("spec", "backoffLimit");
        return tally.Failed > limit || (job.Json.Text("spec", "template", "spec", "restartPolicy") == "OnFailure" && tally.Restarts >= Math.Max(limit, 1));
    }

    /// <summary>A Job that names no count is done with its first pod that succeeds, once the others have ended.</summary>
    private static bool HasSucceeded(StoredObject job, JobTally tally) => job.Json.Number("spec", "completions") is { } completions
        ? tally.Succeeded >= completions
        : tally.Succeeded > 0 && tally is { Active.Count: 0, Terminating: 0 };
}
