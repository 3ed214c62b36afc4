using System.Collections.Concurrent;
using System.Diagnostics;
using RolloutController.Api;
using RolloutController.Kubernetes;

namespace RolloutController.Control.Tracing;

/// <summary>
/// One trace for each rollout: a span for the whole, one for each stage of a step, and below these the looks and the changes to the cluster. Costs
/// nothing while nobody listens. Safe for use by several threads.
/// </summary>
/// <param name="clock">The clock of the spans.</param>
internal sealed class RolloutTracer(TimeProvider clock) : IDisposable
{
    /// <summary>The name of the source.</summary>
    public const string SourceName = "RolloutController";

    private static readonly ActivitySource Source = new(SourceName);

    [ThreadStatic]
    private static ActivityTraceId? t_traceId;

    private readonly ConcurrentDictionary<ObjectKey, OpenTrace> _open = new();

    static RolloutTracer() => Activity.TraceIdGenerator = static () => t_traceId ?? ActivityTraceId.CreateRandom();

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>Takes in what was decided: what ends, and what begins.</summary>
    /// <param name="rollout">The Rollout as it was before.</param>
    /// <param name="status">The status that was decided.</param>
    /// <param name="now">When.</param>
    public void Decided(RolloutObject rollout, RolloutStatus status, DateTimeOffset now)
    {
        if (!IsOn && _open.IsEmpty)
            return;
        var attempt = RolloutAttempt.Of(rollout.Metadata.Uid, status);
        if (_open.TryGetValue(rollout.Key, out var open) && open.Attempt != attempt && _open.TryRemove(rollout.Key, out _))
            open.End(status, now);
        if (attempt is null || !IsOn)
            return;
        _open.GetOrAdd(rollout.Key, _ => Open(rollout, attempt, status)).Enter((InFlight)status.State, status, now);
    }

    /// <summary>Begins a look at a check; null where nobody listens, or the Rollout is in no rollout.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="check">The check.</param>
    public TracedWork? Look(ObjectKey rollout, string check) => Begin(rollout, "look", ActivityKind.Client)?.With("rollout.check", check);

    /// <summary>Begins a change to the cluster; null where nobody listens, or the Rollout is in no rollout.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="effect">What is changed.</param>
    public TracedWork? Change(ObjectKey rollout, Planning.Effect effect) =>
        Begin(rollout, effect.GetType().Name, ActivityKind.Client)?.With("rollout.effect", effect.ToString());

    /// <summary>Ends the trace of a Rollout that is gone.</summary>
    public void Forget(ObjectKey rollout)
    {
        if (_open.TryRemove(rollout, out var open))
            open.Leave(clock.GetUtcNow());
    }

    /// <summary>Ends what is open; the process that goes on continues each trace.</summary>
    public void Dispose()
    {
        foreach (var rollout in _open.Keys)
            Forget(rollout);
    }

    /// <summary>Starts a span that is nobody's current one: it stays open over many passes.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="parent">The span around it; default for the first of a trace.</param>
    /// <param name="start">When it began.</param>
    /// <param name="traceId">The trace that it is the first of.</param>
    internal static Activity? Start(string name, ActivityContext parent, DateTimeOffset start, ActivityTraceId? traceId = null)
    {
        var current = Activity.Current;
        Activity.Current = null;
        t_traceId = traceId;
        try
        {
            return Source.StartActivity(name, ActivityKind.Internal, parent, startTime: start);
        }
        finally
        {
            t_traceId = null;
            Activity.Current = current;
        }
    }

    private static OpenTrace Open(RolloutObject rollout, RolloutAttempt attempt, RolloutStatus status)
    {
        var whole = Start("rollout", default, attempt.StartedAt, attempt.TraceId);
        whole?.SetTag("k8s.namespace.name", rollout.Metadata.Namespace)
            .SetTag("rollout.name", rollout.Metadata.Name)
            .SetTag("rollout.revision", attempt.Revision)
            .SetTag("rollout.stable_revision", ((InFlight)status.State).Stable);
        return new OpenTrace(attempt, whole);
    }

    private TracedWork? Begin(ObjectKey rollout, string name, ActivityKind kind) =>
        IsOn && _open.TryGetValue(rollout, out var open) && Source.StartActivity(name, kind, open.Context, startTime: clock.GetUtcNow()) is { } span
            ? new TracedWork(span, clock)
            : null;
}
