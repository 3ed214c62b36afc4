using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes.Models;

[TestFixture]
public sealed class CanonicalJsonTests
{
    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    [TestCase("""{"b":1,"a":[true,null]}""", """ { "a" : [ true , null ] , "b" : 1 } """)]
    [TestCase("""{"a":"\u00e4\/"}""", """{"a":"ä/"}""")]
    [TestCase("""{"a":{"z":1,"y":2}}""", """{"a":{"y":2,"z":1}}""")]
    public void Equal_content_has_one_hash(string one, string other)
    {
        Assert.That(CanonicalJson.Hash(Parse(one)), Is.EqualTo(CanonicalJson.Hash(Parse(other))));
        Assert.That(CanonicalJson.Hash(JsonNode.Parse(one)), Is.EqualTo(CanonicalJson.Hash(Parse(other))));
    }

    [TestCase("1", "1.0")]
    [TestCase("[1,2]", "[2,1]")]
    [TestCase("1", "\"1\"")]
    [TestCase("""{"a":null}""", "{}")]
    [TestCase("""{"a":{"b":1}}""", """{"a":{},"b":1}""")]
    public void Other_content_has_another_hash(string one, string other) =>
        Assert.That(CanonicalJson.Hash(Parse(one)), Is.Not.EqualTo(CanonicalJson.Hash(Parse(other))));

    [Test]
    public void The_hash_is_sha_256_of_the_sorted_text()
    {
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("""{"a":1.50,"b":"x"}"""u8));
        Assert.That(CanonicalJson.Hash(Parse("""{"b":"x","a":1.50}""")), Is.EqualTo(expected));
    }
}
