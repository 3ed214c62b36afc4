namespace RolloutController.Kubernetes;

/// <summary>Keys that become due later, the earliest time of each, with the highest priority that was asked for; one timer for all of them.</summary>
internal sealed class DelayedKeys<TKey> : IDisposable
    where TKey : notnull
{
    // A timer takes 49 days at most; it does no harm to look once a day.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(366);

    private readonly TimeProvider _timeProvider;
    private readonly Action<TKey, Priority> _due;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, (long Time, Priority Priority)> _times = [];

    /// <summary>How many entries that count no more are kept beside those that do.</summary>
    private const int MostStale = 64;

    // A key has one entry here for each time that was the earliest once; only the one that agrees with _times counts. The others go when they are due,
    // which may be in a year, or when they are more than the rest.
    private readonly PriorityQueue<TKey, long> _order = new();
    private long _wakeUp = long.MaxValue;
    private bool _disposed;

    public DelayedKeys(TimeProvider timeProvider, Action<TKey, Priority> due)
    {
        _timeProvider = timeProvider;
        _due = due;
        _timer = timeProvider.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(TKey key, TimeSpan delay, Priority priority)
    {
        lock (_gate)
        {
            var seconds = Math.Min(delay.TotalSeconds, LongestDelay.TotalSeconds);
            var time = _timeProvider.GetTimestamp() + (long)(seconds * _timeProvider.TimestampFrequency);
            if (_disposed)
                return;
            if (_times.TryGetValue(key, out var known))
                priority = known.Priority > priority ? known.Priority : priority;
            else
                known.Time = long.MaxValue;
            _times[key] = (Math.Min(known.Time, time), priority);
            if (known.Time <= time)
                return;
            _order.Enqueue(key, time);
            if (_order.Count > MostStale + (2 * _times.Count))
                DropStale();
            SetTimer();
        }
    }

    /// <summary>How many entries are kept, those that count no more among them.</summary>
    public int Kept
    {
        get
        {
            lock (_gate)
                return _order.Count;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _times.Clear();
            _order.Clear();
        }

        _timer.Dispose();
    }

    private void DropStale()
    {
        _order.Clear();
        foreach (var (key, earliest) in _times)
            _order.Enqueue(key, earliest.Time);
    }

    private void OnTimer()
    {
        var due = new List<(TKey Key, Priority Priority)>();
        lock (_gate)
        {
            if (_disposed)
                return;
            var now = _timeProvider.GetTimestamp();
            while (_order.TryPeek(out var key, out var time) && time <= now)
            {
                _order.Dequeue();
                if (_times.TryGetValue(key, out var current) && current.Time == time && _times.Remove(key))
                    due.Add((key, current.Priority));
            }

            _wakeUp = long.MaxValue;
            SetTimer();
        }

        // Outside the lock, as the queue takes its own.
        foreach (var (key, priority) in due)
            _due(key, priority);
    }

    private void SetTimer()
    {
        if (!_order.TryPeek(out _, out var next) || next >= _wakeUp)
            return;
        _wakeUp = next;

        // Rounded up to whole milliseconds, a timer's grain, so that it does not fire just too early.
        var left = Math.Ceiling(_timeProvider.GetElapsedTime(_timeProvider.GetTimestamp(), next).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(left, 0, LongestSleep.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }
}
