using RolloutController.Control.Config;
using RolloutController.Control.Tracing;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>One pass: observe, decide, write the decision, carry it out. What fails is planned afresh by the next pass.</summary>
internal sealed class Reconciler(
    Caches caches,
    Takeover takeover,
    Observer observer,
    StatusWriter statuses,
    LiveEndpoints endpoints,
    Executor executor,
    Sampling sampling,
    EvidenceBook evidence,
    TemplateResolver templates,
    ConfigReader configs,
    WorkloadReturn workloads,
    IEventSink events,
    RolloutTracer tracer,
    TimeProvider clock,
    ILogger<Reconciler> logger)
{
    private readonly TroubleBook _troubles = new();

    /// <summary>Makes one pass for a Rollout.</summary>
    /// <returns>When to look again though nothing changes; null when only a change matters.</returns>
    public async Task<DateTimeOffset?> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (caches.Rollouts.Get(key) is not { } rollout)
        {
            Forget(key);
            return null;
        }

        rollout = await takeover.TakeAsync(rollout, cancellationToken);
        var seen = await observer.ObserveAsync(rollout, cancellationToken);
        var plan = Planner.Decide(seen.Observation);
        if (_troubles.Find(rollout) is { } trouble)
            plan = plan with { Status = trouble.Mark(plan.Status, rollout, clock.GetUtcNow()) };
        using var scope = logger.BeginScope(new Dictionary<string, object> { ["Revision"] = plan.Status.CanaryRevision });

        // The decision is in status before anything rests on it: a crash after this line changes nothing about the outcome.
        var putOff = rollout.Metadata.DeletionTimestamp is not null && !seen.Observation.Rollout.HasFinalizer
            ? null
            : await statuses.WriteAsync(rollout, plan.Status, plan.WakeAt, cancellationToken);
        evidence.Commit(rollout, plan.Evidence);
        sampling.Follow(seen, plan);
        Tell(rollout, plan, seen.Observation.Now);
        foreach (var effect in plan.Effects)
        {
            await ApplyAsync(effect, seen, plan, cancellationToken);
        }

        // What was in the way is gone, which the next status says, at once.
        return _troubles.Forget(key) ? DateTimeOffset.MinValue : Earlier(Earlier(plan.WakeAt, putOff), seen.Config.LookAgainAt);
    }

    /// <summary>Says in its status why the passes of a Rollout fail, and tells people once.</summary>
    public async Task ReportAsync(ObjectKey key, Exception failed, CancellationToken cancellationToken)
    {
        if (caches.Rollouts.Get(key) is not { } rollout)
            return;
        var trouble = Trouble.Of(failed);
        var isNews = _troubles.Note(rollout, trouble);
        var status = trouble.Mark(rollout.Status, rollout, clock.GetUtcNow());
        if (isNews)
            events.Warn(rollout with { Status = status }, trouble.Reason, trouble.Message);
        await statuses.WriteAsync(rollout, status, null, cancellationToken);
    }

    private async Task ApplyAsync(Effect effect, Observed seen, Plan plan, CancellationToken cancellationToken)
    {
        using var traced = tracer.Change(seen.Rollout.Key, effect);
        try
        {
            await endpoints.ConfirmAsync(effect, seen, plan.Status.State, cancellationToken);
            if (effect is Effect.RemoveFinalizer)
                await takeover.ClearAsync(seen.Rollout, cancellationToken);
            await executor.ApplyAsync(effect, seen, cancellationToken);
        }
        catch (Exception failed)
        {
            traced?.Fail(failed.GetType().Name);
            throw;
        }

        logger.LogInformation("Carried out {Effect}", effect);
    }

    private void Tell(RolloutObject rollout, Plan plan, DateTimeOffset now)
    {
        foreach (var notice in plan.Notices)
        {
            logger.Log(notice.IsWarning ? LogLevel.Warning : LogLevel.Information, "{Reason}: {Message}", notice.Reason.Word, notice.Message);
            events.Record(rollout with { Status = plan.Status }, notice);
        }

        ControlInstruments.Decided(rollout, plan, now);
        tracer.Decided(rollout, plan.Status, now);
    }

    private void Forget(ObjectKey key)
    {
        takeover.Forget(key);
        _troubles.Forget(key);
        tracer.Forget(key);
        sampling.Forget(key);
        evidence.Forget(key);
        templates.Forget(key);
        configs.Forget(key);
        statuses.Forget(key);
        workloads.Look(key.Namespace);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}
