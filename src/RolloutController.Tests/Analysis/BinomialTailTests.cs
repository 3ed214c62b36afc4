using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class BinomialTailTests
{
    [TestCase(3, 100, .01, .07937320225)]
    [TestCase(10, 1000, .005, .03146523851)]
    [TestCase(5, 200, .01, .05174626363)]
    [TestCase(1, 20, .01, .1820930624)]
    [TestCase(18, 2000, .005, .01405466723)]
    [TestCase(30, 2000, .01, .0212561714)]
    [TestCase(2, 10, .01, .004266200243)]
    [TestCase(0, 50, .01, 1)]
    [TestCase(5, 5, .1, 1e-5)]
    [TestCase(5, 4, .1, 0)]
    [TestCase(1, 1, 1, 1)]
    public void Agrees_with_published_values(long errors, long requests, double probability, double expected) =>
        Assert.That(BinomialTail.AtLeast(errors, requests, probability), Is.EqualTo(expected).Within(1e-6 * expected));

    [Test]
    public void Agrees_with_the_sum_of_the_distribution()
    {
        // P(X = 0) = q^n, and P(X = i + 1) = P(X = i) (n - i) / (i + 1) p / q.
        const int Requests = 300;
        const double P = 0.013;
        var at = Math.Pow(1 - P, Requests);
        var tail = 1.0;
        for (var errors = 0; errors < 20; errors++)
        {
            Assert.That(BinomialTail.AtLeast(errors, Requests, P), Is.EqualTo(tail).Within(1e-9), $"at least {errors}");
            tail -= at;
            at *= (Requests - errors) / (errors + 1.0) * P / (1 - P);
        }
    }

    [Test]
    public void Holds_for_a_hundred_million_requests() =>
        // z = (500,100 - 0.5 - 500,000) / sqrt(497,500) = 0.1411; the normal tail there is 0.4439.
        Assert.That(BinomialTail.AtLeast(500_100, 100_000_000, .005), Is.EqualTo(.4439).Within(.0005));

    [TestCase(-1, 10, .5)]
    [TestCase(1, -10, .5)]
    [TestCase(1, 10, 1.5)]
    [TestCase(1, 10, double.NaN)]
    public void Refuses_what_is_no_count_or_probability(long errors, long requests, double probability) =>
        Assert.That(() => BinomialTail.AtLeast(errors, requests, probability), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
