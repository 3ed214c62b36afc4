using System.Diagnostics;
using NUnit.Framework;

namespace RolloutController.Tests.Kubernetes;

/// <summary>Waits for conditions that other threads bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Waits until a condition holds; the failure names it.</summary>
    public static async Task Holds(Func<bool> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !condition(); await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System))
            Assert.That(watch.Elapsed, Is.LessThan(Patience), $"waited in vain until {what}");
    }

    /// <summary>Moves a clock on, step by step, until a condition holds; tells how far.</summary>
    public static async Task<TimeSpan> HoldsAfter(ManualTimeProvider clock, TimeSpan step, Func<bool> condition, string what)
    {
        var start = clock.GetUtcNow();
        for (var watch = Stopwatch.StartNew(); !condition(); await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System))
        {
            Assert.That(watch.Elapsed, Is.LessThan(Patience), $"waited in vain until {what}");
            clock.Advance(step);
        }

        return clock.GetUtcNow() - start;
    }

    /// <summary>Lets what was set going on other threads get to where it waits: for asserting that something does NOT happen.</summary>
    public static async Task Settle()
    {
        for (var i = 0; i < 10; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
    }
}
