using System.Diagnostics;
using RolloutController.Api;

namespace RolloutController.Control.Tracing;

/// <summary>The spans of a rollout that are open: the whole, and the stage that it is in.</summary>
/// <param name="attempt">The try that it is of.</param>
/// <param name="whole">The span of the whole; null where it is not sampled.</param>
internal sealed class OpenTrace(RolloutAttempt attempt, Activity? whole)
{
    private volatile Activity? _stage;
    private (string Name, int Weight) _place;

    /// <summary>The try that it is of.</summary>
    public RolloutAttempt Attempt => attempt;

    /// <summary>What happens now is below this.</summary>
    public ActivityContext Context => (_stage ?? whole)?.Context ?? new ActivityContext(attempt.TraceId, default, ActivityTraceFlags.None);

    /// <summary>Takes in where the rollout is.</summary>
    public void Enter(InFlight state, RolloutStatus status, DateTimeOffset now)
    {
        Note(status);
        var (name, since, weight) = state switch
        {
            Progressing step => (step.Stage.ToString(), step.Since, step.Weight),
            Concluding end => (end.GetType().Name, end.Since, 0),
            _ => (state.GetType().Name, now, 0),
        };
        if (_stage is not null && _place == (name, weight))
            return;
        Stop(_stage, now);
        _place = (name, weight);
        // What is judged once every proxy knows of it begins a little later.
        _stage = whole is null ? null : RolloutTracer.Start(name, whole.Context, since < now ? since : now);
        if (state is Progressing)
            _stage?.SetTag("rollout.step.index", status.StepIndex).SetTag("rollout.step.weight", weight);
    }

    /// <summary>Ends it with the rollout.</summary>
    public void End(RolloutStatus status, DateTimeOffset now)
    {
        Note(status);
        Stop(_stage, now);
        Stop(whole, now);
    }

    /// <summary>Ends what this process has of it; the rollout goes on, or is gone.</summary>
    public void Leave(DateTimeOffset now)
    {
        Stop(_stage?.SetTag("rollout.left", true), now);
        Stop(whole?.SetTag("rollout.left", true), now);
    }

    /// <summary>Notes what became of the revision, once the history has it.</summary>
    private void Note(RolloutStatus status)
    {
        if (whole is null || status.History is not [var end, ..] || end.Revision != attempt.Revision || end.Time < attempt.StartedAt)
            return;
        whole.SetTag("rollout.outcome", end.Outcome.ToString());
        if (end.Outcome == RevisionOutcome.RolledBack)
            whole.SetStatus(ActivityStatusCode.Error, end.Message);
    }

    private static void Stop(Activity? span, DateTimeOffset now)
    {
        if (span is null)
            return;
        // Stopping makes the span before it the current one, which this one never was.
        var current = Activity.Current;
        span.SetEndTime(now.UtcDateTime);
        span.Dispose();
        Activity.Current = current;
    }
}
