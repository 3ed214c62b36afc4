using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class RequestFloorTests
{
    [TestCase(.001, 8027, 2402, 775, 228)]
    [TestCase(.005, 1597, 477, 154, 45)]
    [TestCase(.01, 793, 236, 76, 22)]
    [TestCase(.02, 391, 116, 37, 10)]
    [TestCase(.05, 150, 44, 14, 3)]
    public void The_sample_size_agrees_with_published_values(double rate, long twice, long threefold, long fivefold, long tenfold) =>
        Assert.That(
            new double[] { 2, 3, 5, 10 }.Select(multiple => RequestFloor.SampleSize(rate, multiple)),
            Is.EqualTo(new[] { twice, threefold, fivefold, tenfold }));

    [TestCase(.005, 5, true, 154)]
    [TestCase(.005, 25, false, 477)]
    [TestCase(.005, 49, false, 477)]
    [TestCase(.005, 50, false, 1597)]
    [TestCase(.005, 100, false, 1597)]
    [TestCase(.005, 100, true, 1597, Description = "a single step exposes everybody at once")]
    [TestCase(.05, 5, true, 50)]
    [TestCase(1, 100, false, 50)]
    [TestCase(.6, 100, false, 50)]
    public void Grows_with_the_weight_and_never_lies_below_fifty(double max, int weight, bool first, long expected) =>
        Assert.That(RequestFloor.For(max, weight, first, minRequests: null), Is.EqualTo(expected));

    [TestCase(1)]
    [TestCase(10_000_000)]
    public void The_user_wins(int minRequests) =>
        Assert.That(RequestFloor.For(.005, 25, firstStep: false, minRequests), Is.EqualTo(minRequests));

    [TestCase(0)]
    [TestCase(-.1)]
    [TestCase(1.1)]
    [TestCase(double.NaN)]
    public void Refuses_what_is_no_rate(double max) =>
        Assert.That(() => RequestFloor.For(max, 5, firstStep: true, minRequests: null), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
