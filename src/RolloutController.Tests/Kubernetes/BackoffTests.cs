using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

internal sealed class BackoffTests
{
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    [Test]
    public void PausesDoubleFrom800MillisecondsTo5SecondsAndStretchAtRandom()
    {
        var backoff = new Backoff(_clock, Random.Shared);
        foreach (var step in new[] { 0.8, 1.6, 3.2, 5, 5 })
            Assert.That(Fail(backoff), Is.InRange(step, 2 * step));
    }

    [Test]
    public void TwoHealthyMinutesStartAnew()
    {
        var backoff = new Backoff(_clock, Random.Shared);
        for (var i = 0; i < 10; i++)
            Fail(backoff);
        _clock.Advance(TimeSpan.FromMinutes(1.9));
        Assert.That(Fail(backoff), Is.GreaterThanOrEqualTo(5));
        _clock.Advance(TimeSpan.FromMinutes(2.1));
        Assert.That(Fail(backoff), Is.LessThan(1.6));
    }

    private double Fail(Backoff backoff)
    {
        var pause = backoff.Next();
        _clock.Advance(pause);
        return pause.TotalSeconds;
    }
}
