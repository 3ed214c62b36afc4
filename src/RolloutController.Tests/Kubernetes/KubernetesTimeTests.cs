using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

internal sealed class KubernetesTimeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 14, 0, 5, TimeSpan.FromHours(2));

    [Test]
    public void ATimeHasNoFractionAndIsUtc() => Assert.That(KubernetesTime.Format(Noon.AddMilliseconds(999)), Is.EqualTo("2026-03-01T12:00:05Z"));

    [TestCase(0, "2026-03-01T12:00:05.000000Z")]
    [TestCase(1230, "2026-03-01T12:00:05.000123Z")]
    [TestCase(9_999_999, "2026-03-01T12:00:05.999999Z")]
    public void AMicroTimeAlwaysHasSixDigits(int ticks, string text) => Assert.That(KubernetesTime.FormatMicro(Noon.AddTicks(ticks)), Is.EqualTo(text));
}
