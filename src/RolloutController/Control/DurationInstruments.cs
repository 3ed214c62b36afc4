using RolloutController.Api;

namespace RolloutController.Control;

/// <summary>
/// How long rollouts, their stages and rollbacks took. Both ends are in status, so that a process which was started midway measures as any other.
/// </summary>
internal static class DurationInstruments
{
    /// <summary>Measures what a decision ended.</summary>
    /// <param name="before">The status before it.</param>
    /// <param name="after">The status that was decided.</param>
    /// <param name="now">When.</param>
    public static void Decided(RolloutStatus before, RolloutStatus after, DateTimeOffset now)
    {
        var end = after.History is [var newest, ..] && !before.History.Contains(newest) ? newest : null;
        if (end is not null && StartedAt(before) is { } started)
            ControlInstruments.RolloutDurations.Record(Seconds(started, now), new KeyValuePair<string, object?>("outcome", end.Outcome.ToString()));
        if (before.State is Progressing step && IsPast(step, after.State))
            ControlInstruments.StageDurations.Record(Seconds(step.Since, now), new("stage", step.Stage.ToString()), new("outcome", Outcome(after.State, end)));
        if (before.State is RollingBack back && IsUnderWay(back) && !IsUnderWay(after.State) && DecidedAt(before, back) is { } decided)
            ControlInstruments.RollbackDurations.Record(Seconds(decided, now), new KeyValuePair<string, object?>("cause", back.Cause.ToString()));
    }

    /// <summary>When the rollout or first deployment under way set out; null where none is, or nobody wrote it down.</summary>
    public static DateTimeOffset? StartedAt(RolloutStatus status) => status.State is Deploying first ? first.Since : status.StartedAt;

    private static bool IsPast(Progressing step, RolloutState after) =>
        after is not Progressing next || (next.Canary, next.Weight, next.Stage) != (step.Canary, step.Weight, step.Stage);

    private static string Outcome(RolloutState after, RevisionRecord? end) =>
        after is Progressing or Promoting ? "Passed" : (end?.Outcome ?? RevisionOutcome.Superseded).ToString();

    private static bool IsUnderWay(RolloutState state) => state is RollingBack { Stage: not ConclusionStage.Settling };

    private static DateTimeOffset? DecidedAt(RolloutStatus status, RollingBack back) => status.History.FirstOrDefault(record => record.Revision == back.Canary)?.Time;

    // What begins when every proxy knows a weight may lie ahead.
    private static double Seconds(DateTimeOffset since, DateTimeOffset now) => Math.Max(0, (now - since).TotalSeconds);
}
