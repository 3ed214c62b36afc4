using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

internal sealed class DispersionTests
{
    [Test]
    public void Independent_errors_have_a_dispersion_of_about_one()
    {
        var random = new Random(1);

        var dispersion = Dispersion.Of([.. Enumerable.Range(0, 2000).Select(_ => (1000L, (long)Enumerable.Range(0, 1000).Count(_ => random.NextDouble() < 0.02)))]);

        Assert.That(dispersion, Is.EqualTo(1).Within(0.1));
    }

    [Test]
    public void Errors_in_bursts_of_five_have_five_times_the_dispersion()
    {
        var random = new Random(1);

        var dispersion = Dispersion.Of([.. Enumerable.Range(0, 2000).Select(_ => (1000L, 5L * Enumerable.Range(0, 200).Count(_ => random.NextDouble() < 0.02)))]);

        Assert.That(dispersion, Is.EqualTo(5).Within(0.5));
    }

    [Test]
    public void Formula() =>
        // 10 of 200 a half of the time and none else: p = 0.025, each interval is 5 off, and 25 / (200 · 0.025 · 0.975) · 30 / 29.
        Assert.That(Dispersion.Of([.. Enumerable.Range(0, 30).Select(i => (200L, i % 2 == 0 ? 10L : 0L))]), Is.EqualTo(25 / 4.875 * 30 / 29).Within(1e-9));

    [Test]
    public void Too_few_intervals_tell_nothing()
    {
        Assert.That(Dispersion.Of([.. Enumerable.Repeat((100L, 1L), 29)]), Is.Null);
        Assert.That(Dispersion.Of([.. Enumerable.Repeat((100L, 1L), 29), .. Enumerable.Repeat((0L, 0L), 50)]), Is.Null, "intervals without requests");
        Assert.That(Dispersion.Of([.. Enumerable.Repeat((100L, 0L), 60)]), Is.Null, "no errors");
        Assert.That(Dispersion.Of([.. Enumerable.Repeat((100L, 100L), 60)]), Is.Null, "errors only");
    }

    [TestCase(null, 1)]
    [TestCase(0.3, 1)]
    [TestCase(1.0, 1)]
    [TestCase(5.0, 0.2)]
    public void Discount(double? dispersion, double expected) => Assert.That(Dispersion.Discount(dispersion), Is.EqualTo(expected));
}
