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
    private Task? _wait;

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

    /// <summary>
    /// Ends when there is news. Who gives up and asks again gets the same task as long as there is none, so that waits do not add up; there is
    /// one who asks, with one token.
    /// </summary>
    public Task WaitAsync(CancellationToken cancellationToken) =>
        _wait is { IsCompleted: false } ? _wait : _wait = _news.Reader.WaitToReadAsync(cancellationToken).AsTask();

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
