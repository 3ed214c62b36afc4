using NUnit.Framework;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>Values are written as Go writes them.</summary>
internal sealed class GoTextTests
{
    [TestCase(0, "0")]
    [TestCase(-0.5, "-0.5")]
    [TestCase(100, "100")]
    [TestCase(123456, "123456")]
    [TestCase(1e6, "1e+06")]
    [TestCase(10000000, "1e+07")]
    [TestCase(1234567.5, "1.2345675e+06")]
    [TestCase(0.0001, "0.0001")]
    [TestCase(0.00001, "1e-05")]
    [TestCase(2147483647, "2.147483647e+09")]
    [TestCase(9007199254740991, "9.007199254740991e+15")]
    [TestCase(5e-324, "5e-324")]
    public void Number(double number, string expected) => Assert.That(GoText.Number(number), Is.EqualTo(expected));

    [TestCase("a\"b\\c\n\t\u0001\u007fé", "\"a\\\"b\\\\c\\n\\t\\x01\\x7fé\"")]
    public void Quote(string text, string expected) => Assert.That(GoText.Quote(text), Is.EqualTo(expected));
}
