using System.Text;
using System.Text.Json;
using NUnit.Framework;
using RolloutController.Api;

namespace RolloutController.Tests.Api;

internal sealed class IntOrPercentTests
{
    [TestCase(25, 10, 3, 2)]
    [TestCase(25, 8, 2, 2)]
    [TestCase(0, 8, 0, 0)]
    [TestCase(100, 7, 7, 7)]
    [TestCase(1, 10_000, 100, 100)]
    public void A_percentage_is_taken_of_the_replicas(int percent, int replicas, int up, int down)
    {
        Assert.That(IntOrPercent.Percent(percent).RoundedUp(replicas), Is.EqualTo(up));
        Assert.That(IntOrPercent.Percent(percent).RoundedDown(replicas), Is.EqualTo(down));
    }

    [Test]
    public void A_count_stays_what_it_is() =>
        Assert.That((IntOrPercent.Count(3).RoundedUp(1), IntOrPercent.Count(3).RoundedDown(1)), Is.EqualTo((3, 3)));

    [TestCase("3")]
    [TestCase("\"25%\"")]
    [TestCase("\"0%\"")]
    public void Travels_through_json(string json)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            new IntOrPercentConverter().Write(writer, Read(json), new JsonSerializerOptions());

        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo(json));
    }

    [TestCase("\"25\"")]
    [TestCase("\"%\"")]
    [TestCase("\"-5%\"")]
    [TestCase("\"2.5%\"")]
    [TestCase("\"\"")]
    public void Refuses_anything_else(string json) =>
        Assert.That(() => Read(json), Throws.TypeOf<JsonException>().With.Message.Contains("write 2 or 25%"));

    private static IntOrPercent Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return new IntOrPercentConverter().Read(ref reader, typeof(IntOrPercent), new JsonSerializerOptions());
    }
}
