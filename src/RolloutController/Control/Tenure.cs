using System.Collections.Concurrent;
using RolloutController.Api;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// This process' time in office, which every status that it writes names. Of each Rollout it remembers whether writes of the one before it
/// can still arrive.
/// </summary>
/// <param name="holder">This process, told from every other and from itself after a restart.</param>
/// <param name="transitions">How often the lease has changed hands; 0 where a process acts without one.</param>
internal sealed class Tenure(string holder, long transitions)
{
    private readonly ConcurrentDictionary<ObjectKey, string> _settled = new();

    /// <summary>Whether no write of an earlier leader to a rollout can take effect any more.</summary>
    public bool IsSettled(ObjectMeta rollout) => _settled.TryGetValue(rollout.Key, out var uid) && uid == rollout.Uid;

    /// <summary>Remembers that none can.</summary>
    public void Settle(ObjectMeta rollout) => _settled[rollout.Key] = rollout.Uid;

    /// <summary>Forgets a Rollout that is gone.</summary>
    public void Forget(ObjectKey key) => _settled.TryRemove(key, out _);

    /// <summary>Whether the last decision was made in this time in office.</summary>
    public bool IsOurs(Term? last) => last?.Holder == holder;

    /// <summary>The term to write beside a decision.</summary>
    /// <param name="last">The term that the status names.</param>
    public Term Next(Term? last) => IsOurs(last) ? last! : Begin(last);

    /// <summary>
    /// The term to take a rollout over with: later than the last one even where the lease was made anew and counts from 0, or where an
    /// earlier process had the same name.
    /// </summary>
    /// <param name="last">The term that the status names.</param>
    public Term Begin(Term? last) => new(holder, last is null ? transitions : Math.Max(transitions, last.Transitions + 1));
}
