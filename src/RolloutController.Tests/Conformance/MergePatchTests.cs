using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster.Patching;

namespace RolloutController.Tests.Conformance;

/// <summary>Merge patch, by the table of RFC 7396, appendix A, as far as it is about objects, and by its laws.</summary>
internal sealed class MergePatchTests
{
    [TestCase("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [TestCase("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [TestCase("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [TestCase("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [TestCase("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [TestCase("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [TestCase("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [TestCase("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [TestCase("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [TestCase("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    [TestCase("""{"a":"text"}""", """{"a":{"b":"c","d":null}}""", """{"a":{"b":"c"}}""")]
    public void Patch_does_what_the_RFC_says(string target, string patch, string result)
    {
        var patched = Parse(target);
        MergePatch.Apply(patched, Parse(patch));
        Assert.That(JsonNode.DeepEquals(patched, Parse(result)), Is.True, patched.ToJsonString());
        MergePatch.Apply(patched, Parse(patch));
        Assert.That(JsonNode.DeepEquals(patched, Parse(result)), Is.True, "applying it twice does it once");
    }

    [Test]
    public void Patch_stays_as_it_was()
    {
        var patch = Parse("""{"a":{"b":[1]}}""");
        var patched = Parse("{}");
        MergePatch.Apply(patched, patch);
        patched["a"]!["b"]!.AsArray().Add(2);
        Assert.That(patch.ToJsonString(), Is.EqualTo("""{"a":{"b":[1]}}"""));
    }

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
