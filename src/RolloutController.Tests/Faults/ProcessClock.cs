using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Faults;

/// <summary>
/// The clock of one process beside the world's: it can be set wrong, and the process can be frozen, as by SIGSTOP. Time goes on
/// meanwhile, and what was due is late.
/// </summary>
internal sealed class ProcessClock(TimeProvider world) : TimeProvider
{
    private readonly List<ProcessTimer> _late = [];
    private TimeSpan _error;

    /// <summary>Whether the process stands still.</summary>
    public bool IsFrozen { get; private set; }

    public override long TimestampFrequency => world.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => world.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + _error;

    public override long GetTimestamp() => world.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new ProcessTimer(this, callback, state, dueTime, period);

    /// <summary>Sets the time of day wrong; what measures time feels nothing of it.</summary>
    public void Jump(TimeSpan by) => _error += by;

    /// <summary>Stops the process.</summary>
    public void Freeze() => IsFrozen = true;

    /// <summary>Lets it go on: what fell due meanwhile fires now, once.</summary>
    public void Thaw()
    {
        IsFrozen = false;
        var late = _late.ToList();
        _late.Clear();
        foreach (var timer in late)
            Outside.TheContext(timer.Fire);
    }

    private sealed class ProcessTimer : ITimer
    {
        private readonly ProcessClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;

        public ProcessTimer(ProcessClock clock, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = clock.World.CreateTimer(static timer => ((ProcessTimer)timer!).Due(), this, dueTime, period);
        }

        public void Fire() => _callback(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _clock._late.Remove(this);
            return _timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            _clock._late.Remove(this);
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Due()
        {
            if (!_clock.IsFrozen)
                Fire();
            else if (!_clock._late.Contains(this))
                _clock._late.Add(this);
        }
    }

    private TimeProvider World => world;
}
