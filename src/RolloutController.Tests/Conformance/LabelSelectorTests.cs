using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>Label selectors of requests.</summary>
internal sealed class LabelSelectorTests
{
    [TestCase("", true)]
    [TestCase("app", true)]
    [TestCase("!app", false)]
    [TestCase("! none", true)]
    [TestCase("app=shop", true)]
    [TestCase("app == shop", true)]
    [TestCase("app!=shop", false)]
    [TestCase("none!=shop", true)]
    [TestCase("none=", false)]
    [TestCase("empty=", true)]
    [TestCase("app in (web,shop)", true)]
    [TestCase("app in (web)", false)]
    [TestCase("app notin (web, shop)", false)]
    [TestCase("none notin (web)", true)]
    [TestCase("none in (web)", false)]
    [TestCase("example.com/tier=front-end_1.0", true)]
    [TestCase("app=shop,!none,empty,example.com/tier in (front-end_1.0)", true)]
    [TestCase("app=shop,none", false)]
    public void Selector_matches(string selector, bool matches)
    {
        var item = JsonNode.Parse("""{"metadata": {"labels": {"app": "shop", "empty": "", "example.com/tier": "front-end_1.0"}}}""")!.AsObject();
        Assert.That(LabelSelector.Parse(selector).Matches(item), Is.EqualTo(matches));
    }

    [TestCase("app in web")]
    [TestCase("a=b=c")]
    [TestCase("=shop")]
    [TestCase("app=shop;tier=web")]
    public void Text_that_is_no_selector_is_refused(string selector) =>
        Assert.That(() => LabelSelector.Parse(selector), Throws.TypeOf<ApiFailure>().With.Property(nameof(ApiFailure.Reason)).EqualTo("BadRequest"));

    [Test]
    public void Object_without_labels_meets_only_what_asks_for_none()
    {
        var item = new JsonObject { ["metadata"] = new JsonObject() };
        Assert.That(LabelSelector.Parse("app").Matches(item), Is.False);
        Assert.That(LabelSelector.Parse("!app,app!=shop,app notin (shop)").Matches(item), Is.True);
    }

    [Test]
    public void Opposites_never_agree() => Prop.ForAll(
        Arb.From(Gen.Elements("a", "b", "c")), Arb.From(Gen.Elements("a", "b", "c", null)), (asked, given) =>
        {
            var item = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = given is null ? [] : new JsonObject { ["key"] = given } } };
            bool Matches(string selector) => LabelSelector.Parse(selector).Matches(item);
            return Matches($"key={asked}") != Matches($"key!={asked}")
                && Matches($"key in ({asked})") != Matches($"key notin ({asked})")
                && Matches($"key={asked}") == Matches($"key in ({asked})")
                && Matches("key") != Matches("!key");
        }).QuickCheckThrowOnFailure();
}
