namespace RolloutController.Tests.Kubernetes;

/// <summary>Another process's clock: its wall clock may be off, its seconds are as long. Counts its live timers.</summary>
internal sealed class WrappedTimeProvider(TimeProvider inner, TimeSpan skew = default) : TimeProvider
{
    private int _liveTimers;

    public int LiveTimers => Volatile.Read(ref _liveTimers);

    /// <summary>Whether timers do nothing when they are due, as in a process that is stopped.</summary>
    public bool IsFrozen { get; set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + skew;

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _liveTimers);
        return new CountedTimer(this, inner.CreateTimer(Run, state, dueTime, period));

        void Run(object? given)
        {
            if (!IsFrozen)
                callback(given);
        }
    }

    private sealed class CountedTimer(WrappedTimeProvider owner, ITimer timer) : ITimer
    {
        private int _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Interlocked.Decrement(ref owner._liveTimers);
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
