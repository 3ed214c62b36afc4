using System.Collections.Concurrent;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control.Config;

/// <summary>
/// Objects that change one after another, as a folder is applied, are one change: a content counts once it has stood for a moment. A template
/// never waits, because whoever applied it reads from <c>status.observedGeneration</c> that it was seen; it takes what has changed so far with it.
/// </summary>
internal sealed class ConfigBursts(TimeProvider clock)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ObjectKey, Seen> _seen = new();

    /// <summary>The content that counts.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="template">The digest of the template that names the objects.</param>
    /// <param name="found">The content that is there.</param>
    /// <returns>The content, and when to look again; null where a change tells when.</returns>
    public (ConfigState State, DateTimeOffset? LookAgainAt) Settle(RolloutObject rollout, string template, ConfigState found)
    {
        var about = (rollout.Metadata.Uid, template);
        var now = clock.GetUtcNow();
        if (!_seen.TryGetValue(rollout.Key, out var last) || last.About != about || found.Equals(last.Settled))
            last = new Seen(about, found, found, now);
        else if (!found.Equals(last.Latest))
            last = last with { Latest = found, Since = now };
        else if (now - last.Since >= Quiet)
            last = last with { Settled = found };
        _seen[rollout.Key] = last;
        return (last.Settled, last.Settled.Equals(last.Latest) ? null : last.Since + Quiet);
    }

    /// <summary>Forgets a Rollout.</summary>
    public void Forget(ObjectKey rollout) => _seen.TryRemove(rollout, out _);

    private sealed record Seen((string Uid, string Template) About, ConfigState Settled, ConfigState Latest, DateTimeOffset Since);
}
