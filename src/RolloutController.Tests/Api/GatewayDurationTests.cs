using System.Text.Json;
using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Api;

internal sealed class GatewayDurationTests
{
    [TestCase("0s", 0)]
    [TestCase("1500ms", 1_500)]
    [TestCase("1m30s", 90_000)]
    [TestCase("30s1m", 90_000)]
    [TestCase("1h0m5s", 3_605_000)]
    [TestCase("1h1m1s1ms", 3_661_001)]
    [TestCase("99999h", 359_996_400_000)]
    public void Reads(string text, long milliseconds) =>
        Assert.That(GatewayDuration.Parse(text), Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));

    [TestCase("")]
    [TestCase("5")]
    [TestCase("-5s")]
    [TestCase("1.5s")]
    [TestCase("5 s")]
    [TestCase("5d")]
    [TestCase("100000s")]
    [TestCase("1h1m1s1ms1s")]
    [TestCase("5s\n")]
    [TestCase("٥s")]
    public void Refuses(string text) =>
        Assert.That(() => GatewayDuration.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains("1m30s"));

    [TestCase(0, "0s")]
    [TestCase(-1, "0s")]
    [TestCase(1, "1ms")]
    [TestCase(90_000, "1m30s")]
    [TestCase(3_605_000, "1h5s")]
    [TestCase(359_996_400_000, "99999h")]
    public void Writes_the_shortest_form(long milliseconds, string text) =>
        Assert.That(GatewayDuration.Format(TimeSpan.FromMilliseconds(milliseconds)), Is.EqualTo(text));

    [Test]
    public void Travels_through_json()
    {
        var converter = new GatewayDurationConverter();
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            converter.Write(writer, TimeSpan.FromSeconds(90), new JsonSerializerOptions());
        var reader = new Utf8JsonReader(stream.ToArray());
        reader.Read();

        Assert.That(converter.Read(ref reader, typeof(TimeSpan), new JsonSerializerOptions()), Is.EqualTo(TimeSpan.FromSeconds(90)));
    }
}
