using System.Threading.Channels;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// One who follows the feed. It is told names, not states: whoever is slow finds the newest state when its turn comes, and what waits
/// for it is at the most one name a Rollout.
/// </summary>
/// <param name="only">The Rollout that is followed; null for all.</param>
/// <param name="leave">Ends it.</param>
internal sealed class FeedFollower(ObjectKey? only, Action<FeedFollower> leave) : IDisposable
{
    /// <summary>Past so many names, the whole state is shorter.</summary>
    public const int MaxWaiting = 2000;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<ObjectKey> _waiting = [];
    private bool _overrun;

    /// <summary>Takes note of a change.</summary>
    public void Tell(ObjectKey key)
    {
        if (only is { } one && one != key)
            return;
        lock (_gate)
        {
            _overrun |= _waiting.Count >= MaxWaiting;
            if (_overrun)
                _waiting.Clear();
            else
                _waiting.Add(key);
        }

        _news.Writer.TryWrite(true);
    }

    /// <summary>Waits until there is news.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _news.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes what changed since the last time; null where that is so much that the whole state is to be looked at.</summary>
    public IReadOnlyCollection<ObjectKey>? Take()
    {
        _news.Reader.TryRead(out _);
        lock (_gate)
        {
            var (taken, overrun) = (_waiting, _overrun);
            (_waiting, _overrun) = ([], false);
            return overrun ? null : taken;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => leave(this);
}
