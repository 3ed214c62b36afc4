using RolloutController.Api;

namespace RolloutController.Control;

/// <summary>
/// Doubts the caches where a rollout waits for what usually takes seconds: an event that a watch never told would be waited for until the
/// progress deadline takes a good version back, or for ever. All is listed anew then, once, and ever less often as long as it waits; at rest,
/// and while a step is held, nothing is asked.
/// </summary>
/// <param name="caches">What is known of the cluster.</param>
/// <param name="clock">The clock.</param>
internal sealed class Doubt(Caches caches, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, (RolloutState Waits, DateTimeOffset Since, TimeSpan Next)> _waiting = [];

    /// <summary>Looks from time to time, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Look();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Look()
    {
        var now = clock.GetUtcNow();
        var doubted = false;
        var waiting = caches.Rollouts.List().Where(rollout => Waits(rollout.Status.State)).ToList();
        foreach (var gone in _waiting.Keys.Except(waiting.Select(rollout => rollout.Metadata.Uid)).ToList())
            _waiting.Remove(gone);
        foreach (var rollout in waiting)
        {
            var (uid, state) = (rollout.Metadata.Uid, rollout.Status.State);
            if (!_waiting.TryGetValue(uid, out var known) || known.Waits != state)
                _waiting[uid] = (state, now, Patience);
            else if (now - known.Since >= known.Next)
                (_waiting[uid], doubted) = ((state, now, 2 * known.Next), true);
        }

        foreach (var informer in doubted ? caches.All : [])
            informer.Resync();
    }

    /// <summary>Whether something in the cluster is waited for, rather than time or a person.</summary>
    private static bool Waits(RolloutState state) => state is Deploying or Progressing { Stage: StepStage.Raising or StepStage.Previewing, Frozen: false } or Concluding;
}
