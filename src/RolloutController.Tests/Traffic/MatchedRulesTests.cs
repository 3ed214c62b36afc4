using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

/// <summary>Requests with certain headers go to the canary at any weight, and leave no trace.</summary>
internal sealed class MatchedRulesTests
{
    private static readonly MatchSpec Testers = new() { Headers = [new HeaderMatch { Name = "X-Canary", Value = "always" }] };

    [Test]
    public void Each_rule_with_traffic_gets_a_copy_before_it_that_asks_for_the_headers()
    {
        var route = Routes.Json("shop 1", "assets 1", "shop 20, legacy 20", "shop 0, legacy 1");
        route.Rules()[0]!["name"] = "first";
        route.Rules()[0]!["timeouts"] = JsonNode.Parse("""{"request":"10s"}""");
        route.Rules()[2]!["matches"]![0]!["headers"] = JsonNode.Parse("""[{"type":"Exact","name":"X-Team","value":"a"}]""");

        var matched = route.AtMatched(Testers);

        Assert.That(matched.Short(), Is.EqualTo(["shop-canary 1", "shop 1", "assets 1", "shop-canary 20", "shop 20, legacy 20", "shop 0, legacy 1"]));
        Assert.That(matched.Rules()[0]!.ToJsonString(), Is.EqualTo(
            """{"matches":[{"path":{"type":"PathPrefix","value":"/0"},"headers":[{"type":"Exact","name":"X-Canary","value":"always"}]}],"backendRefs":[{"group":"","kind":"Service","name":"shop-canary","port":80,"weight":1}],"timeouts":{"request":"10s"}}"""));
        Assert.That(matched.Rules()[3]!["matches"]![0]!["headers"]!.AsArray().Select(header => (string)header!["name"]!), Is.EqualTo(["X-Team", "X-Canary"]));
        Assert.That(matched.Reading(Testers), Is.EqualTo(new RouteReading.Matched()));
        Assert.That(Restored(matched), Is.EqualTo(route.ToJsonString()));
    }

    [Test]
    public void A_rule_without_matches_gets_a_copy_with_one()
    {
        var route = Routes.Json("shop 1");
        route.Rules()[0]!.AsObject().Remove("matches");

        Assert.That(route.AtMatched(Testers).Rules()[0]!["matches"]!.ToJsonString(), Is.EqualTo("""[{"headers":[{"type":"Exact","name":"X-Canary","value":"always"}]}]"""));
    }

    [TestCase("shop 1")]
    [TestCase("shop 1", "assets 1", "shop 3, shop:81 2")]
    [TestCase("shop 20, legacy 60", "shop 100")]
    public void Weights_change_beside_the_copies_and_all_goes_at_the_end(params string[] rest)
    {
        var route = Routes.Json(rest);
        var at = route.AtMatched(Testers);
        foreach (var weight in new[] { 5, 25, 100, 50 })
        {
            at = at.At(weight, Testers);
            Assert.That(at.Reading(Testers), Is.EqualTo(new RouteReading.Rolling(weight)));
            Assert.That(RouteWeights.Plan(Routes.Read(at), Routes.Service, Routes.Canary, weight, Routes.Steps, Testers), Is.EqualTo(new RoutePlan.Unchanged()));
        }

        Assert.That(route.At(5, Testers).Reading(Testers), Is.EqualTo(new RouteReading.Rolling(5)), "straight to a weight");
        Assert.That(at.AtMatched(Testers).ToJsonString(), Is.EqualTo(route.AtMatched(Testers).ToJsonString()), "back to none");
        Assert.That(Restored(at), Is.EqualTo(route.ToJsonString()));
    }

    /// <summary>Whatever an edit leaves is read as an edit, and one write puts it right, or takes it out.</summary>
    [TestCase("remove copy")]
    [TestCase("move copy")]
    [TestCase("second copy")]
    [TestCase("copy to stable")]
    [TestCase("timeouts")]
    [TestCase("remove rule")]
    public void Edits_are_put_right(string edit)
    {
        var rest = Routes.Json("shop 1", "assets 1", "shop 2");
        var edited = rest.At(25, Testers);
        var rules = edited.Rules();
        switch (edit)
        {
            case "remove copy":
                rules.RemoveAt(0);
                break;
            case "move copy":
                var moved = rules[0]!.DeepClone();
                rules.RemoveAt(0);
                rules.Add(moved);
                break;
            case "second copy":
                rules.Add(rules[0]!.DeepClone());
                break;
            case "copy to stable":
                rules[0]!["backendRefs"]![0]!["weight"] = 7;
                break;
            case "timeouts":
                rules[1]!["timeouts"] = JsonNode.Parse("""{"request":"10s"}""");
                rest.Rules()[0]!["timeouts"] = JsonNode.Parse("""{"request":"10s"}""");
                break;
            default:
                rules.RemoveAt(4);
                rest.Rules().RemoveAt(2);
                break;
        }

        Assert.That(edited.Reading(Testers), Is.InstanceOf<RouteReading.Mixed>().With.Property("IsMatched").True);
        Assert.That(edited.At(25, Testers).Reading(Testers), Is.EqualTo(new RouteReading.Rolling(25)));
        Assert.That(Restored(edited), Is.EqualTo(rest.ToJsonString()));
    }

    [Test]
    public void Where_all_rules_of_the_Service_are_gone_the_copies_still_go()
    {
        var edited = Routes.Json("shop 1", "assets 1").AtMatched(Testers);
        edited.Rules().RemoveAt(1);

        Assert.That(edited.Reading(Testers), Is.InstanceOf<RouteReading.Mixed>());
        Assert.That(edited.At(0, Testers).Short(), Is.EqualTo(["assets 1"]));
    }

    [Test]
    public void A_rule_of_the_user_that_asks_for_the_header_is_told_before_anything_moves()
    {
        var route = Routes.Json("shop 1", "shop 1");
        route.Rules()[1]!["matches"]![0]!["headers"] = JsonNode.Parse("""[{"name":"x-canary","value":"always"}]""");

        Assert.That(RouteWeights.Check(Routes.Read(route), Routes.Service, Routes.Canary, Routes.Steps, Testers), Is.EqualTo(
            ["HTTPRoute default/shop, spec.rules[1] asks for the header X-Canary already, which spec.traffic.match tells the new version's requests by: write another header there."]));
        Assert.That(RouteWeights.Check(Routes.Read(route), Routes.Service, Routes.Canary, Routes.Steps), Is.Empty, "without match");
    }

    [Test]
    public void More_rules_than_the_API_takes_are_told()
    {
        var route = Routes.Json([.. Enumerable.Repeat("shop 1", 9)]);
        Assert.That(RouteWeights.Check(Routes.Read(route), Routes.Service, Routes.Canary, Routes.Steps, Testers).Single(), Does.Contain("it would have 18 rules"));
        Assert.That(RouteWeights.PlanMatched(Routes.Read(route), Routes.Service, Routes.Canary, Testers), Is.InstanceOf<RoutePlan.Impossible>());
        Assert.That(RouteWeights.Check(Routes.Read(Routes.Json([.. Enumerable.Repeat("shop 1", 8)])), Routes.Service, Routes.Canary, Routes.Steps, Testers), Is.Empty);
    }

    /// <summary>The route at rest, without the zeros that a JSON text of it might be written with.</summary>
    private static string Restored(JsonObject route)
    {
        var rest = route.At(0, Testers);
        Assert.That(rest.Reading(Testers), Is.EqualTo(new RouteReading.AtRest()));
        return rest.ToJsonString();
    }
}
