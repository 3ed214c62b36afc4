using System.Globalization;
using System.Text.Json;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Scenarios;

namespace RolloutController.Rehearsal.Stages;

/// <summary>Follows one Rollout and tells what happens to it, from what its status says one after the other.</summary>
internal sealed class Chronicle
{
    private static readonly HashSet<string> Holds =
        ["NoData", "Stale", "ProviderError", "ConfigError", "InsufficientData", "Inconclusive", "RouteDrift", "RouteNotAccepted", "Paused", "Warning"];

    private readonly TimeProvider _clock;
    private readonly Func<long> _failed;
    private readonly List<TimelineEntry> _entries = [];
    private DateTimeOffset _since;
    private DateTimeOffset _carriedAt;

    /// <summary>Makes a chronicle.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="failed">How many requests have failed so far.</param>
    public Chronicle(TimeProvider clock, Func<long> failed) => (_clock, _failed) = (clock, failed);

    /// <summary>What has happened.</summary>
    public IReadOnlyList<TimelineEntry> Entries => _entries;

    /// <summary>The Rollout as it was committed last; null before the first time.</summary>
    public RolloutObject? Rollout { get; private set; }

    /// <summary>Whether the new version was shipped.</summary>
    public bool IsShipped { get; private set; }

    /// <summary>How long ago the new version was shipped; zero before.</summary>
    public TimeSpan Elapsed => IsShipped ? _clock.GetUtcNow() - _since : TimeSpan.Zero;

    /// <summary>From now on time counts and is told.</summary>
    public void Ship()
    {
        (_since, IsShipped) = (_clock.GetUtcNow(), true);
        Tell(TimelineKind.World, "a new version is shipped");
    }

    /// <summary>Tells what the world did.</summary>
    public void Tell(string what) => Tell(TimelineKind.World, what);

    /// <summary>Takes note of a version of the Rollout.</summary>
    public void Take(StoredObject item)
    {
        var rollout = JsonSerializer.Deserialize(item.Utf8.Span, RolloutObject.Kind.TypeInfo)!;
        var before = Rollout?.Status ?? new RolloutStatus();
        Rollout = rollout;
        if (IsShipped)
            Compare(before, rollout.Status);
    }

    private void Compare(RolloutStatus before, RolloutStatus now)
    {
        switch (before.State, now.State)
        {
            case (Progressing was, Progressing step) when was.Canary == step.Canary:
                OfStep(before, was, now, step);
                break;
            case (Progressing was, Promoting):
                Passed(before.Evidence, was);
                Tell(TimelineKind.Promoted, $"{was.Canary} passed every step and is promoted");
                break;
            case (_, Progressing step):
                Tell(TimelineKind.Started, $"revision {step.Canary} sets out to replace {step.Stable}");
                break;
            case (Progressing was, AtRest) when now.LastRollback is { } gated && gated != before.LastRollback:
                Tell(TimelineKind.RolledBack, $"{was.Canary} is rolled back: {gated.Message}");
                break;
            case (not RollingBack, RollingBack back):
                Tell(TimelineKind.RolledBack, $"{back.Canary} is rolled back: {now.LastRollback?.Message ?? now.Message}");
                break;
            case (not AtRest, AtRest):
                Tell(TimelineKind.Done, now.Message);
                break;
        }
        // Before the first look of a step there is nothing to know yet, which holds nothing up.
        var isWaitingForLook = now is { State: Progressing, Evidence.SampledAt: null };
        if (Reason(now) is { } reason && Holds.Contains(reason) && reason != Reason(before) && !(reason == "NoData" && isWaitingForLook))
            Tell(TimelineKind.Held, now.Message);
    }

    private void OfStep(RolloutStatus before, Progressing was, RolloutStatus now, Progressing step)
    {
        if (was.Stage == StepStage.Judging && step.Weight > was.Weight)
            Passed(now.Evidence, was);
        if (was.Stage == StepStage.Judging && step.Stage == StepStage.Monitoring)
        {
            Passed(before.Evidence, was);
            _carriedAt = _clock.GetUtcNow();
        }

        if (step.Stage == StepStage.Judging && (was.Stage != StepStage.Judging || was.Weight != step.Weight))
        {
            _carriedAt = _clock.GetUtcNow();
            Tell(TimelineKind.Weight, step.Weight == 0 ? $"matched requests go to {step.Canary}" : $"{step.Weight} % of the traffic goes to {step.Canary}");
        }
        else if (now.Evidence?.SampledAt is { } looked && looked != before.Evidence?.SampledAt)
        {
            Tell(TimelineKind.Check, now.Message);
        }
    }

    private void Passed(StoredEvidence? judged, Progressing step)
    {
        var held = (_clock.GetUtcNow() - _carriedAt).TotalSeconds;
        var by = judged is null ? "its pods are ready" : string.Create(CultureInfo.InvariantCulture, $"{judged.Requests:N0} requests judged, {judged.Errors:N0} failed");
        Tell(TimelineKind.Passed, string.Create(CultureInfo.InvariantCulture, $"{step.Weight} % {(step.Stage == StepStage.Monitoring ? "was monitored for" : "is passed after")} {held:0} s: {by}"));
    }

    private void Tell(TimelineKind kind, string text) => _entries.Add(new TimelineEntry(Elapsed, kind, text, Rollout?.Status.Weight ?? 0, _failed()));

    private static string? Reason(RolloutStatus status) => status.Conditions.FirstOrDefault(condition => condition.Type == "Progressing")?.Reason;
}
