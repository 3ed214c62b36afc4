using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

internal sealed class RouteWeightsTests
{
    [TestCase("shop 1", 5, "shop 95, shop-canary 5")]
    [TestCase("shop 1", 100, "shop 0, shop-canary 100")]
    [TestCase("shop 10000", 25, "shop 750000, shop-canary 250000")]
    [TestCase("shop 20, legacy 60", 25, "shop 15, shop-canary 5, legacy 60")]
    [TestCase("legacy 60, shop 20", 100, "legacy 60, shop 0, shop-canary 20")]
    [TestCase("shop:80 1, shop:81 3", 25, "shop 75, shop-canary 25, shop:81 225, shop-canary:81 75")]
    [TestCase("shop 1, shop:81 0", 50, "shop 50, shop-canary 50, shop:81 0")]
    [TestCase("shop 20, legacy 0", 5, "shop 19, shop-canary 1, legacy 0")]
    public void The_entry_and_its_sibling_keep_the_share_that_the_entry_had(string rest, int weight, string rolling)
    {
        var route = Routes.Json(rest).At(weight);

        Assert.Multiple(() =>
        {
            Assert.That(route.Short(), Is.EqualTo([rolling]));
            Assert.That(route.Reading(), Is.EqualTo(new RouteReading.Rolling(weight)));
            Assert.That(route.At(0).Short(), Is.EqualTo([Routes.Json(rest).Short()[0]]));
        });
    }

    [Test]
    public void All_rules_that_name_the_Service_move_in_one_write_and_no_other()
    {
        var route = Routes.Json("shop 1", "assets 1", "shop 20, legacy 20", "shop 0, legacy 1");

        var patch = ((RoutePlan.Change)RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, 25, Routes.Steps)).Patch;

        Assert.Multiple(() =>
        {
            Assert.That(patch.MediaType, Is.EqualTo("application/json-patch+json"));
            Assert.That(patch.Body.AsArray().Select(operation => $"{operation!["op"]} {operation["path"]}"), Is.EqualTo(
            [
                "replace /metadata/resourceVersion", "replace /spec/rules/0/backendRefs", "replace /spec/rules/2/backendRefs",
            ]));
            Assert.That(patch.Body[0]!["value"]!.GetValue<string>(), Is.EqualTo("41"));
        });
    }

    [Test]
    public void The_sibling_is_a_copy_with_all_the_fields_of_the_entry()
    {
        var route = Routes.Json("shop 1");
        route.BackendRefs(0)[0]!["filters"] = JsonNode.Parse("""[{"type":"X","x":{"novel":[1.50,null]}}]""");

        var sibling = route.At(5).BackendRefs(0)[1]!.AsObject();

        Assert.That(sibling.ToJsonString(), Is.EqualTo(
            """{"group":"","kind":"Service","name":"shop-canary","port":80,"weight":5,"filters":[{"type":"X","x":{"novel":[1.50,null]}}]}"""));
    }

    [Test]
    public void Mirrors_of_the_Service_are_left_alone()
    {
        var route = Routes.Json("shop 1", "assets 1");
        var mirror = JsonNode.Parse("""[{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"shop","port":80}}}]""")!;
        route.Rules()[0]!["filters"] = mirror.DeepClone();
        route.Rules()[1]!["filters"] = mirror.DeepClone();

        var rolling = route.At(50);

        Assert.Multiple(() =>
        {
            Assert.That(rolling.Short(), Is.EqualTo(["shop 50, shop-canary 50", "assets 1"]));
            Assert.That(rolling.Rules().Select(rule => rule!["filters"]!.ToJsonString()), Is.All.EqualTo(mirror.ToJsonString()));
        });
    }

    [TestCase("""{"group":"example.com","kind":"Service","name":"shop","port":80,"weight":1}""", ExpectedResult = "NotNamed")]
    [TestCase("""{"kind":"ServiceImport","name":"shop","port":80,"weight":1}""", ExpectedResult = "NotNamed")]
    [TestCase("""{"namespace":"other","name":"shop","port":80,"weight":1}""", ExpectedResult = "NotNamed")]
    [TestCase("""{"namespace":"default","name":"shop","port":80,"weight":1}""", ExpectedResult = "AtRest")]
    [TestCase("""{"name":"shop","port":80}""", ExpectedResult = "AtRest")]
    public string Only_the_Service_of_the_same_namespace_is_meant(string entry)
    {
        var route = Routes.Json("assets 1");
        route.BackendRefs(0).Add(JsonNode.Parse(entry));
        return route.Reading().GetType().Name;
    }

    [Test]
    public void A_weight_that_was_never_stored_is_1_and_is_not_written_at_rest()
    {
        var route = Routes.Json("shop 1");
        route.BackendRefs(0)[0]!.AsObject().Remove("weight");

        Assert.Multiple(() =>
        {
            Assert.That(RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, 0, Routes.Steps), Is.InstanceOf<RoutePlan.Unchanged>());
            Assert.That(route.At(25).Short(), Is.EqualTo(["shop 75, shop-canary 25"]));
        });
    }

    [TestCase("shop 75, shop-canary 25|shop 1", 0, 25, TestName = "sibling missing in one rule")]
    [TestCase("shop 75, shop-canary 25|shop 50, shop-canary 50", 25, 50, TestName = "rules disagree")]
    [TestCase("shop 80, shop-canary 25", 23, 24, TestName = "weights of no plan")]
    [TestCase("shop-canary 25", 100, 100, TestName = "entry lost, sibling left")]
    [TestCase("shop 100, shop-canary 0", 0, 0, TestName = "sibling at zero")]
    [TestCase("shop 0, shop-canary 0", 0, 0, TestName = "both at zero")]
    [TestCase("shop-canary 25, shop 75", 25, 25, TestName = "sibling before its entry")]
    public void A_foreign_edit_reads_as_mixed_with_the_share_that_the_canary_really_has(string rules, int lowest, int highest)
    {
        var reading = Routes.Json(rules.Split('|')).Reading();

        Assert.That(reading, Is.InstanceOf<RouteReading.Mixed>());
        Assert.Multiple(() =>
        {
            Assert.That(reading.Canary, Is.EqualTo(new CanaryShare(lowest, highest)));
            Assert.That(((RouteReading.Mixed)reading).Message, Does.StartWith("HTTPRoute default/shop ").And.Contains("spec.rules[0] has " + rules.Split('|')[0]));
        });
    }

    [TestCase("shop 75", 50, "shop 3750, shop-canary 3750", "shop 75")]
    [TestCase("shop 75, shop-canary 25, extra 100", 50, "shop 50, shop-canary 50, extra 100", "shop 100, extra 100")]
    [TestCase("shop 15, shop-canary 5", 50, "shop 1000, shop-canary 1000", "shop 20")]
    [TestCase("shop-canary 25, shop 75", 50, "shop 50, shop-canary 50", "shop 1")]
    [TestCase("shop-canary 5, extra 80", 100, "shop 0, shop-canary 5, extra 80", "shop 5, extra 80")]
    [TestCase("shop 50, shop-canary 25, shop-canary 25", 25, "shop 75, shop-canary 25", "shop 1")]
    [TestCase("shop 75, shop-canary 25, shop:81 1", 50, "shop 5000, shop-canary 5000, shop:81 50, shop-canary:81 50", "shop 100, shop:81 1")]
    [TestCase("shop 75, shop-canary:81 25", 50, "shop 3750, shop-canary 3750, shop:81 1250, shop-canary:81 1250", "shop 75, shop:81 25")]
    [TestCase("shop 0, shop-canary 0, extra 1", 50, "shop 0, extra 1", "shop 0, extra 1")]
    public void After_a_foreign_edit_the_plan_keeps_the_shares_of_that_edit(string edited, int weight, string rolling, string restored)
    {
        var route = Routes.Json(edited, "shop 1");

        Assert.Multiple(() =>
        {
            Assert.That(route.At(weight).Short()[0], Is.EqualTo(rolling));
            Assert.That(route.At(weight).Reading(), Is.EqualTo(new RouteReading.Rolling(weight)));
            Assert.That(route.At(0).Short()[0], Is.EqualTo(restored));
            Assert.That(route.At(weight).At(0).Short()[0], Is.EqualTo(restored));
        });
    }

    [Test]
    public void A_restore_is_possible_even_where_the_pair_was_edited_beyond_what_one_entry_may_weigh()
    {
        Assert.That(Routes.Json("shop 1000000, shop-canary 999999").At(0).Short(), Is.EqualTo(["shop 1000000"]));
    }

    [TestCase(-1)]
    [TestCase(101)]
    public void A_weight_is_a_percentage(int weight) =>
        Assert.That(() => Routes.Json("shop 1").At(weight), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Both_kinds_of_route_are_known_by_name()
    {
        Assert.Multiple(() =>
        {
            Assert.That(GatewayRoutes.Of("HTTPRoute"), Is.SameAs(GatewayRoutes.Http));
            Assert.That(GatewayRoutes.Of("GRPCRoute").ApiVersion, Is.EqualTo("gateway.networking.k8s.io/v1"));
            Assert.That(() => GatewayRoutes.Of("TCPRoute"), Throws.ArgumentException.With.Message.Contains("write HTTPRoute or GRPCRoute"));
        });
    }

    [Test]
    public void A_route_is_read_with_what_the_API_leaves_out()
    {
        var route = Routes.Read(Routes.Json("shop 1"));

        Assert.Multiple(() =>
        {
            Assert.That(route.Metadata.Key, Is.EqualTo(new ObjectKey("default", "shop")));
            Assert.That(route.Metadata.Generation, Is.EqualTo(3));
            Assert.That(route.Status, Is.Null);
        });
    }
}
