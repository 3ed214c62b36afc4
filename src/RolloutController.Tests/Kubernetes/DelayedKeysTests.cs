using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>Times that were overtaken are not kept until they would have been due.</summary>
internal sealed class DelayedKeysTests
{
    [Test]
    public void A_key_that_is_moved_forward_again_and_again_comes_once_and_leaves_little()
    {
        var clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        var due = new List<string>();
        using var keys = new DelayedKeys<string>(clock, (key, _) => due.Add(key));
        for (var minutes = 10_000; minutes > 0; minutes--)
            keys.Add("a", TimeSpan.FromMinutes(minutes), Priority.Normal);
        keys.Add("b", TimeSpan.FromDays(3), Priority.Normal);

        Assert.That(keys.Kept, Is.LessThan(100));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(due, Is.EqualTo(new[] { "a" }));
        clock.Advance(TimeSpan.FromDays(7));
        Assert.That(due, Is.EqualTo(new[] { "a", "b" }));
    }
}
