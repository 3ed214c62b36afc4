using NUnit.Framework;
using RolloutController.Rehearsal.Schemas.BuiltIn;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>Amounts have one form each, by the rules of apimachinery's package resource.</summary>
internal sealed class QuantityTests
{
    [TestCase("0", "0")]
    [TestCase("0.5", "500m")]
    [TestCase("1000m", "1")]
    [TestCase("1500m", "1500m")]
    [TestCase("1.5", "1500m")]
    [TestCase("1000", "1k")]
    [TestCase("1e3", "1e3")]
    [TestCase("1500e0", "1500")]
    [TestCase("1E", "1E")]
    [TestCase("1024", "1024")]
    [TestCase("1024Ki", "1Mi")]
    [TestCase("1.5Gi", "1536Mi")]
    [TestCase("0.5Ki", "512")]
    [TestCase("1Ki", "1Ki")]
    [TestCase("-1", "-1")]
    [TestCase("+5M", "5M")]
    [TestCase(".5", "500m")]
    [TestCase("5.", "5")]
    [TestCase("0.1u", "100n")]
    [TestCase("0.1n", "1n")]
    [TestCase("abc", null)]
    [TestCase("", null)]
    [TestCase("1 Gi", null)]
    [TestCase("1gi", null)]
    [TestCase("1e", null)]
    public void Form(string text, string? expected) => Assert.That(Quantity.Parse(text)?.ToString(), Is.EqualTo(expected));

    [TestCase("1", "1000m", 0)]
    [TestCase("1Gi", "1G", 1)]
    [TestCase("100n", "1m", -1)]
    public void Order(string a, string b, int expected) => Assert.That(Quantity.Parse(a)!.Value.CompareTo(Quantity.Parse(b)!.Value), Is.EqualTo(expected));

    [TestCase("0.1u", "1m")]
    [TestCase("1.5", "1500m")]
    [TestCase("1000001n", "2m")]
    public void Rounding(string text, string expected) => Assert.That(Quantity.Parse(text)!.Value.RoundedUp().ToString(), Is.EqualTo(expected));
}
