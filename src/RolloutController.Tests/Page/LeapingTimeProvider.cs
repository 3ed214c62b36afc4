namespace RolloutController.Tests.Page;

/// <summary>The system's clock, which a test can set on: a rollout of minutes is then shown in seconds. Timers are not concerned.</summary>
internal sealed class LeapingTimeProvider : TimeProvider
{
    private long _leap;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _leap));

    public void Leap(TimeSpan by) => Interlocked.Add(ref _leap, by.Ticks);
}
