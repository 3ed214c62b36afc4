using System.Threading.Channels;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Keys to be looked at, each waiting once. A channel and a timer carry it, so that a single thread with a virtual clock can: one reader,
/// any number of writers.
/// </summary>
internal sealed class KeyQueue : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly Channel<ObjectKey> _channel = Channel.CreateUnbounded<ObjectKey>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<ObjectKey> _waiting = [];
    private readonly Dictionary<ObjectKey, int> _failures = [];
    private readonly Lock _gate = new();
    private readonly DelayedKeys<ObjectKey> _delayed;

    public KeyQueue(TimeProvider clock) => _delayed = new DelayedKeys<ObjectKey>(clock, (key, _) => Add(key));

    public void Add(ObjectKey key)
    {
        lock (_gate)
        {
            if (_waiting.Add(key))
                _channel.Writer.TryWrite(key);
        }
    }

    public void AddAfter(ObjectKey key, TimeSpan delay) => _delayed.Add(key, delay, Priority.Normal);

    /// <summary>Adds a key after a failure: soon at first, and twice as late each time.</summary>
    public void AddAfterFailure(ObjectKey key)
    {
        var earlier = _failures.GetValueOrDefault(key);
        _failures[key] = earlier + 1;
        AddAfter(key, TimeSpan.FromTicks(Math.Min(FirstRetry.Ticks << Math.Min(earlier, 20), LongestRetry.Ticks)));
    }

    public void Forget(ObjectKey key) => _failures.Remove(key);

    /// <summary>Waits until there is a key.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _channel.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes a key, where there is one.</summary>
    public bool TryTake(out ObjectKey key)
    {
        if (!_channel.Reader.TryRead(out key))
            return false;
        lock (_gate)
            _waiting.Remove(key);
        return true;
    }

    public void Dispose() => _delayed.Dispose();
}
