using NUnit.Framework;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Tests.Rehearsal.Requests;

internal sealed class ChanceTests
{
    [TestCase(10, 0.3)]
    [TestCase(1_000, 0.005)]
    [TestCase(5_000, 0.5)]
    [TestCase(20_000, 0.08)]
    [TestCase(1_000, 0.97)]
    public void Draws_have_the_mean_and_the_spread_of_the_distribution(int trials, double probability)
    {
        var random = new Random(7);
        var draws = Enumerable.Range(0, 20_000).Select(_ => (double)Chance.Binomial(random, trials, probability)).ToList();

        var (mean, variance) = (trials * probability, trials * probability * (1 - probability));
        Assert.That(draws, Is.All.InRange(0, trials));
        // Four standard errors.
        Assert.That(draws.Average(), Is.EqualTo(mean).Within(4 * Math.Sqrt(variance / draws.Count)));
        Assert.That(draws.Average(draw => Math.Pow(draw - mean, 2)), Is.EqualTo(variance).Within(4 * variance * Math.Sqrt(2.0 / draws.Count) * 1.5));
    }

    [TestCase(0, 0)]
    [TestCase(-1, 0)]
    [TestCase(1, 500)]
    [TestCase(1.5, 500)]
    public void Certain_things_are_certain(double probability, long expected) =>
        Assert.That(Chance.Binomial(new Random(1), 500, probability), Is.EqualTo(expected));

    [Test]
    public void Parts_add_up_and_follow_the_weights()
    {
        var parts = Chance.Split(new Random(3), 1_000_000, [1, 0, 3, 6]);

        Assert.That(parts.Sum(), Is.EqualTo(1_000_000));
        Assert.That(parts[1], Is.Zero);
        Assert.That(parts.Select(part => part / 100_000.0), Is.EqualTo(new double[] { 1, 0, 3, 6 }).Within(0.02));
    }

    [Test]
    public void Latency_has_its_median_and_its_slow_hundredth()
    {
        var latency = new Latency(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(150));

        Assert.That(latency.ShareAbove(latency.Median), Is.EqualTo(0.5).Within(1e-9));
        Assert.That(latency.ShareAbove(latency.P99), Is.EqualTo(0.01).Within(1e-9));
        Assert.That(latency.ShareAbove(TimeSpan.Zero), Is.EqualTo(1));
    }

    [Test]
    public void Slow_hundredth_of_a_mixture_is_that_of_all_requests()
    {
        var tally = new LatencyTally();
        Assert.That(tally.Above(0.01), Is.EqualTo(TimeSpan.Zero));

        tally.Add(Latency.Usual, 900);
        Assert.That(tally.Above(0.01).TotalMilliseconds, Is.EqualTo(150).Within(0.1));

        // With a tenth of them slow, the slow hundredth of all is the slowest tenth of those.
        tally.Add(new Latency(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6)), 100);
        Assert.That(tally.Above(0.05).TotalSeconds, Is.EqualTo(5).Within(0.01));
        Assert.That(tally.Above(0.01).TotalSeconds, Is.InRange(5.4, 5.6));
    }
}
