using NUnit.Framework;
using RolloutController.Analysis;

namespace RolloutController.Tests.Analysis;

public sealed class PercentStringTests
{
    [TestCase("0.5%", .005)]
    [TestCase("1%", .01)]
    [TestCase("0.1%", .001)]
    [TestCase("0.0001%", .000001)]
    [TestCase("99.9999%", .999999)]
    [TestCase("100%", 1)]
    public void Reads_the_nearest_fraction(string text, double expected) =>
        Assert.That(PercentString.Parse(text), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("%")]
    [TestCase("0%")]
    [TestCase("0.5")]
    [TestCase("0,5%")]
    [TestCase("-1%")]
    [TestCase("101%")]
    [TestCase("1e1%")]
    [TestCase("0.00001%")]
    [TestCase(" 1%")]
    [TestCase("NaN%")]
    public void Says_how_a_rate_is_written(string text) =>
        Assert.That(() => PercentString.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains("\"0.5%\""));

    [TestCase(.005, "0.5 %")]
    [TestCase(1, "100 %")]
    [TestCase(0, "0 %")]
    [TestCase(.123456789, "12.3457 %")]
    public void Writes_for_a_person(double fraction, string expected) =>
        Assert.That(PercentString.Format(fraction), Is.EqualTo(expected));
}
