using NUnit.Framework;

namespace RolloutController.Tests.Kubernetes;

/// <summary>Waits for what another thread or process is about to do.</summary>
internal static class Until
{
    public static async Task TrueAsync(Func<bool> condition)
    {
        for (var tries = 0; !condition(); tries++)
        {
            Assert.That(tries, Is.LessThan(2000), "the condition did not come true within 20 s");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
