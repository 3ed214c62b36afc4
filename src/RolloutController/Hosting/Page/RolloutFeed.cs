using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// What the page shows, from the controller's own caches: present views on request, and word of what changed to those who follow.
/// Without followers a change costs a look at two statuses. Safe for use by several threads.
/// </summary>
/// <param name="clock">The clock of the history.</param>
public sealed class RolloutFeed(TimeProvider clock)
{
    /// <summary>How many may follow at the same time.</summary>
    public const int MaxFollowers = 64;

    private readonly HistoryBook _history = new();
    private readonly Lock _gate = new();
    private readonly List<FeedFollower> _followers = [];
    private volatile Caches? _caches;

    /// <summary>Whether the Rollouts are known: before that, one that is not found may be there.</summary>
    internal bool IsFilled => _caches?.Rollouts.HasSynced == true;

    /// <summary>Follows caches from now on; to be called before their informers run.</summary>
    public void Follow(Caches caches)
    {
        // The history first: whoever is told of a change then finds it there.
        caches.Rollouts.Changed += change => _history.Add(change, clock.GetUtcNow());
        caches.OnChange(Tell);
        _caches = caches;
    }

    /// <summary>All Rollouts, by namespace and name.</summary>
    internal IReadOnlyList<RolloutSummary> List() => _caches is not { } caches ? [] :
        [.. caches.Rollouts.List()
            .OrderBy(rollout => rollout.Metadata.Namespace, StringComparer.Ordinal)
            .ThenBy(rollout => rollout.Metadata.Name, StringComparer.Ordinal)
            .Select(rollout => Summary(caches, rollout))];

    /// <summary>The line of one Rollout; null where there is none.</summary>
    internal RolloutSummary? Summary(ObjectKey key) =>
        _caches is { } caches && caches.Rollouts.Get(key) is { } rollout ? Summary(caches, rollout) : null;

    /// <summary>Everything about one Rollout; null where there is none.</summary>
    internal RolloutDetail? Detail(ObjectKey key)
    {
        if (_caches is not { } caches || caches.Rollouts.Get(key) is not { } rollout)
            return null;
        var sets = caches.ReplicaSetsOf(rollout.Metadata.Uid).Select(set => (set, caches.PodsOf(set))).ToList();
        var (entries, points) = _history.Read(key);
        return RolloutViews.Detail(rollout, sets) with { History = entries, Series = points };
    }

    /// <summary>Follows the changes of one Rollout, or of all.</summary>
    /// <param name="only">The Rollout; null for all.</param>
    /// <returns>The follower, to be disposed of; null where too many follow already.</returns>
    internal FeedFollower? Join(ObjectKey? only)
    {
        lock (_gate)
        {
            if (_followers.Count >= MaxFollowers)
                return null;
            var follower = new FeedFollower(only, Leave);
            _followers.Add(follower);
            return follower;
        }
    }

    private static RolloutSummary Summary(Caches caches, RolloutObject rollout) => RolloutViews.Summary(rollout, caches.ReplicaSetsOf(rollout.Metadata.Uid));

    private void Tell(ObjectKey key)
    {
        lock (_gate)
        {
            foreach (var follower in _followers)
                follower.Tell(key);
        }
    }

    private void Leave(FeedFollower follower)
    {
        lock (_gate)
            _followers.Remove(follower);
    }
}
