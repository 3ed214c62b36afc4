using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

/// <summary>Whole messages are compared: a person acts on them.</summary>
internal sealed class RouteCheckTests
{
    private static IReadOnlyList<string> Check(JsonObject route) =>
        RouteWeights.Check(Routes.Read(route), Routes.Service, Routes.Canary, Routes.Steps);

    [TestCase("shop 1")]
    [TestCase("shop 20, legacy 7")]
    [TestCase("shop 0, legacy 7|shop 1")]
    [TestCase("shop 10000|assets 1000000")]
    public void A_route_that_can_be_split_at_every_step_has_no_problem(string rules) =>
        Assert.That(Check(Routes.Json(rules.Split('|'))), Is.Empty);

    [TestCase("assets 1",
        "HTTPRoute default/shop sends nothing to Service default/shop: name it in spec.rules[].backendRefs, or take the route out of the Rollout's spec.traffic.routes.")]
    [TestCase("shop 0, assets 1",
        "HTTPRoute default/shop gives Service shop weight 0 in every rule, so the canary could have no traffic either: give it weight.")]
    [TestCase("shop 10001",
        "HTTPRoute default/shop, spec.rules[0] (shop 10001): a weight is multiplied by 100 while a rollout runs, and the API takes 1000000 at most: write weight 1; for the only backend of a rule it means the same.")]
    [TestCase("shop 10001, shop:81 1",
        "HTTPRoute default/shop, spec.rules[0] (shop 10001, shop 1): a weight is multiplied by 100 while a rollout runs, and the API takes 1000000 at most: write smaller weights in the same proportion, 10000 at most.")]
    [TestCase("shop 1, legacy 5",
        "HTTPRoute default/shop, spec.rules[0] (shop 1, legacy 5): 5 % of weight 1 is 0.05, and weights are whole numbers: multiply every weight of the rule by 20 (shop 20, legacy 100).")]
    [TestCase("shop 90, legacy 10",
        "HTTPRoute default/shop, spec.rules[0] (shop 90, legacy 10): 5 % of weight 90 is 4.5, and weights are whole numbers: multiply every weight of the rule by 2 (shop 180, legacy 20).")]
    [TestCase("shop 1, legacy 1000000",
        "HTTPRoute default/shop, spec.rules[0] (shop 1, legacy 1000000): 5 % of weight 1 is 0.05, and weights are whole numbers: write weights of which the Service's is a multiple of 20, 1000000 at most.")]
    public void A_problem_says_what_to_write(string refs, string problem) =>
        Assert.That(Check(Routes.Json(refs)), Is.EqualTo([problem]));

    [Test]
    public void More_entries_than_the_API_takes_are_a_problem()
    {
        var others = string.Join(", ", Enumerable.Range(0, 15).Select(other => $"other{other} 1"));

        Assert.That(Check(Routes.Json($"shop 20, {others}")), Is.EqualTo(
            ["HTTPRoute default/shop, spec.rules[0] would have 17 backendRefs with the canary's beside them, and the API takes 16: split the rule into two with narrower matches."]));
    }

    [Test]
    public void A_Service_of_that_name_in_another_namespace_is_a_problem()
    {
        var route = Routes.Json("shop 1", "shop 1");
        route.BackendRefs(0)[0]!["namespace"] = "other";

        Assert.That(Check(route), Is.EqualTo(
            ["HTTPRoute default/shop names Service other/shop, which a Rollout in default cannot move: route to default/shop, or give one of the two Services another name."]));
    }

    [Test]
    public void The_name_of_the_canary_Service_is_the_controllers() =>
        Assert.That(Check(Routes.Json("shop 1", "shop-canary 1")), Is.EqualTo(
            ["HTTPRoute default/shop names Service shop-canary at rest, a name that the controller keeps for itself: remove those backendRefs."]));

    [Test]
    public void A_plan_stops_at_the_same_problems_but_only_for_the_weight_that_is_asked()
    {
        var route = Routes.Read(Routes.Json("shop 2, legacy 5"));

        Assert.Multiple(() =>
        {
            Assert.That(RouteWeights.Plan(route, Routes.Service, Routes.Canary, 50, Routes.Steps), Is.InstanceOf<RoutePlan.Change>());
            Assert.That(RouteWeights.Plan(route, Routes.Service, Routes.Canary, 25, Routes.Steps), Is.EqualTo(new RoutePlan.Impossible(
                "HTTPRoute default/shop, spec.rules[0] (shop 2, legacy 5): 25 % of weight 2 is 0.5, and weights are whole numbers: multiply every weight of the rule by 10 (shop 20, legacy 50).")));
            Assert.That(RouteWeights.Plan(route, Routes.Service, Routes.Canary, 0, Routes.Steps), Is.InstanceOf<RoutePlan.Unchanged>());
            Assert.That(RouteWeights.Plan(Routes.Read(Routes.Json("assets 1")), Routes.Service, Routes.Canary, 5, Routes.Steps), Is.InstanceOf<RoutePlan.Impossible>());
        });
    }
}
