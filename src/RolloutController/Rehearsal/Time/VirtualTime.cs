using System.Runtime.ExceptionServices;

namespace RolloutController.Rehearsal.Time;

/// <summary>
/// A clock that only goes on when nothing is left to do, and the one thread on which everything under it happens: an hour passes in
/// moments, and the same start gives the same run. Code under it awaits without ConfigureAwait(false), and waits by this clock alone.
/// </summary>
/// <remarks>
/// Work runs under a synchronization context that queues what is to go on. Timers fire, and streams wake, without one, so that the
/// continuations of libraries run in place instead of on the thread pool; those of our own code come back to the queue.
/// </remarks>
public sealed class VirtualTime : TimeProvider
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly PriorityQueue<VirtualTimer, (long Due, long Order)> _timers = new();
    private readonly DateTimeOffset _start;
    private readonly Context _context;
    private long _elapsed;
    private long _order;
    private int _thread;
    private string? _strayed;

    /// <summary>Makes a clock that stands at a moment.</summary>
    public VirtualTime(DateTimeOffset start)
    {
        _start = start;
        _context = new Context(this);
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How much time has passed since the start.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_elapsed);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => _elapsed;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs work and whatever it starts until it completes; time goes on each time nothing else is left to do.</summary>
    /// <exception cref="InvalidOperationException">The work cannot complete: it waits, and no timer is set; or something left the thread.</exception>
    public void Run(Func<Task> work)
    {
        var outer = SynchronizationContext.Current;
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            SynchronizationContext.SetSynchronizationContext(_context);
            var task = work();
            while (!task.IsCompleted)
                GoOn();
            task.GetAwaiter().GetResult();
        }
        finally
        {
            _thread = 0;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
        if (_strayed is { } where)
            throw new InvalidOperationException(where);
    }

    /// <summary>Whether this is the thread that runs.</summary>
    internal bool IsHere => _thread == Environment.CurrentManagedThreadId;

    private void GoOn()
    {
        if (_strayed is { } where)
            throw new InvalidOperationException(where);
        if (_ready.TryDequeue(out var next))
        {
            SynchronizationContext.SetSynchronizationContext(_context);
            next.Callback(next.State);
            return;
        }
        if (!_timers.TryDequeue(out var timer, out var at))
            throw new InvalidOperationException("The work waits for something that will never happen: nothing is left to do, and no timer is set.");
        if (timer.Expects(at))
            Fire(timer, at.Due);
    }

    private void Fire(VirtualTimer timer, long due)
    {
        _elapsed = Math.Max(_elapsed, due);
        SynchronizationContext.SetSynchronizationContext(null);
        timer.Fire();
        SynchronizationContext.SetSynchronizationContext(_context);
    }

    private void Enqueue(SendOrPostCallback callback, object? state)
    {
        if (!IsHere)
        {
            // Who comes from elsewhere comes at a moment of its own choosing, and no run would be like the one before.
            _strayed ??= $"Something went on on another thread: {callback.Method.DeclaringType}.{callback.Method.Name} {state}\n{Environment.StackTrace}";
            return;
        }
        _ready.Enqueue((callback, state));
    }

    private (long Due, long Order) Schedule(VirtualTimer timer, TimeSpan delay)
    {
        var at = (_elapsed + delay.Ticks, _order++);
        _timers.Enqueue(timer, at);
        return at;
    }

    private sealed class Context(VirtualTime time) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => time.Enqueue(d, state);

        public override void Send(SendOrPostCallback d, object? state) =>
            ExceptionDispatchInfo.Throw(new NotSupportedException("Under a virtual clock nobody waits for another thread."));

        public override SynchronizationContext CreateCopy() => this;
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private (long Due, long Order)? _next;
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            _next = dueTime == Timeout.InfiniteTimeSpan ? null : time.Schedule(this, dueTime);
            return true;
        }

        /// <summary>Whether an entry of the queue is the one that counts: a timer that was changed has old ones there.</summary>
        public bool Expects((long Due, long Order) at) => _next == at;

        public void Fire()
        {
            _next = _period > TimeSpan.Zero ? time.Schedule(this, _period) : null;
            callback(state);
        }

        public void Dispose() => _next = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
