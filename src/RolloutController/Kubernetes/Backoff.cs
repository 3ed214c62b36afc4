namespace RolloutController.Kubernetes;

/// <summary>
/// Pauses that double, each stretched by up to its own length at random so that many clients do not come back in step, and that
/// start anew after a healthy time. The values are those of client-go's reflector but for the longest, 30 s there: whoever moves traffic is to
/// see the cluster again within seconds of its return, and one controller is no herd.
/// </summary>
internal sealed class Backoff(TimeProvider timeProvider, Random random)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private TimeSpan _step;
    private TimeSpan _lastPause;
    private long _lastFailure;

    /// <summary>The longest pause, before it is stretched.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to pause after the failure that happened now.</summary>
    public TimeSpan Next()
    {
        var now = timeProvider.GetTimestamp();
        var healthyFor = timeProvider.GetElapsedTime(_lastFailure, now) - _lastPause;
        var recovered = _step == TimeSpan.Zero || healthyFor > Healthy;
        _step = recovered ? First : TimeSpan.FromTicks(Math.Min(_step.Ticks * 2, Longest.Ticks));
        _lastPause = _step * (1 + random.NextDouble());
        _lastFailure = now;
        return _lastPause;
    }
}
