using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Tests.Fuzzing;
using RolloutController.Tests.Planning.Simulation;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

/// <summary>
/// Routes as nobody would write them and the API stores them, with its defaults: other kinds of backends, other namespaces, filters, rules without
/// backends, fields that nobody knows, any weight. No plan fails by an exception, each leaves alone what is not the Service's, and the way back gives the same bytes.
/// </summary>
internal sealed class StrangeRouteProperties
{
    private static readonly MatchSpec Testers = new() { Headers = [new HeaderMatch { Name = "X-Canary", Value = "always" }, new HeaderMatch { Name = "x-team", Value = "a b" }] };

    private static readonly Gen<JsonObject> Entry =
        from name in Gen.Elements(Routes.Service, Routes.Service, Routes.Service, "legacy", "Shop", "shop-canary-2")
        from @namespace in Gen.Frequency((6, Gen.Constant<string?>(null)), (1, Gen.Constant<string?>("default")), (1, Gen.Constant<string?>("elsewhere")))
        from kind in Gen.Frequency((8, Gen.Constant(("", "Service"))), (1, Gen.Elements(("multicluster.x-k8s.io", "ServiceImport"), ("example.com", "Service"))))
        from port in Gen.Elements("80", "80", "81", null)
        from weight in Gen.Elements("0", "1", "1", "20", "20", "60", "99", "100", "9999", "10000", "10001", "999999", "1000000")
        from more in Gen.Elements(null, null, """{"filters":[{"type":"RequestHeaderModifier","requestHeaderModifier":{"add":[{"name":"a","value":"b"}]}}]}""", """{"fieldOfTomorrow":{"deep":[1.50,null,1e2]}}""")
        select Written(("name", name), ("namespace", @namespace), ("group", kind.Item1), ("kind", kind.Item2))
            .With("port", port).With("weight", weight).Merged(more);

    private static readonly Gen<JsonObject> Rule =
        from entries in Gen.Frequency((8, Gen.Choose(0, 5).SelectMany(count => Gen.ListOf(Entry, count))), (1, Gen.ListOf(Entry, 16)))
        from matches in Gen.Elements(
            null, "[]", """[{"path":{"type":"Exact","value":"/a"}},{"headers":[{"name":"X-Other","value":"b"}],"method":"GET"}]""", """[{"headers":[{"name":"x-canary","value":"never"}]}]""",
            """[{"method":{"service":"shop.v1.Shop","method":"Buy"}}]""", """[{"queryParams":[{"name":"a","value":"b"}]}]""")
        from more in Gen.Elements(
            null, """{"filters":[{"type":"RequestMirror","requestMirror":{"backendRef":{"name":"shop","port":80}}}]}""", """{"filters":[{"type":"RequestRedirect","requestRedirect":{"scheme":"https"}}]}""",
            """{"name":"first","timeouts":{"request":"1s"},"sessionPersistence":{"type":"Cookie"}}""", """{"fieldOfTomorrow":[{"backendRefs":[{"name":"shop"}]}]}""")
        from hasRefs in Gen.Choose(0, 9)
        let refs = (JsonNode)new JsonArray([.. entries.Select(entry => entry.DeepClone())])
        select Written().With("matches", matches).With("backendRefs", hasRefs == 0 ? null : refs.ToJsonString()).Merged(more);

    private static readonly Arbitrary<(string Route, int Weight, bool Matches)> Any = Arb.From(
        from rules in Gen.Frequency((5, Gen.Choose(1, 2)), (1, Gen.Choose(0, 16))).SelectMany(count => Gen.ListOf(Rule, count))
        from kind in Gen.Elements("HTTPRoute", "GRPCRoute")
        from weight in Gen.Elements(1, 5, 20, 50, 99, 100)
        from matches in Gen.Elements(true, false)
        select (Build(kind, rules).ToJsonString(), weight, matches),
        Fewer);

    [Test]
    public void Every_plan_leaves_alone_what_is_not_its_own_and_the_way_back_gives_the_same_bytes()
    {
        var changed = 0;
        Fuzz.Check(Any, 600, input => changed += Walk(Parse(input.Route), input.Weight, input.Matches ? Testers : null) ? 1 : 0);
        Assert.That(changed, Is.GreaterThan(100), "some of them could be split");
    }

    [TestCase("1.5")]
    [TestCase("10000000000")]
    [TestCase("\"1\"")]
    [TestCase("null")]
    [TestCase("[]")]
    public void A_weight_that_is_none_is_read_as_left_out(string weight)
    {
        var route = Build("HTTPRoute", [Written().With("backendRefs", $$"""[{"name":"shop","port":80,"weight":{{weight}}}]""")]);
        Assert.That(route.At(50).At(0).ToJsonString(), Is.EqualTo(route.ToJsonString()).Or.Contain("\"weight\":1"));
    }

    private static bool Walk(JsonObject route, int weight, MatchSpec? match)
    {
        _ = RouteWeights.Check(Routes.Read(route), Routes.Service, Routes.Canary, Routes.Steps, match);
        if (RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, 0, Routes.Steps, match) is not RoutePlan.Unchanged)
            throw new LawBrokenException("a route at rest has nothing to give back", route.ToJsonString());
        if (RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, weight, [weight], match) is RoutePlan.Impossible { Message.Length: > 0 })
            return false;

        var there = Moved(route, weight, match);
        LawBrokenException.Unless(there.Reading(match) == new RouteReading.Rolling(weight), "a plan reads back as its weight", $"{there.Reading(match)}: {there.ToJsonString()}");
        LawBrokenException.Unless(Others(route).SequenceEqual(Others(there)), "other backends keep their entries", there.ToJsonString());
        var back = Moved(there, 0, match);
        LawBrokenException.Unless(back.ToJsonString() == route.ToJsonString(), "the way back gives the same bytes", $"{route.ToJsonString()}\nbecame\n{back.ToJsonString()}");
        return true;
    }

    private static JsonObject Moved(JsonObject route, int weight, MatchSpec? match) =>
        RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, weight, weight == 0 ? Routes.Steps : [weight], match) switch
        {
            RoutePlan.Change(var patch) => JsonPatches.Apply(route, JsonNode.Parse(patch.Body.ToJsonString())!),
            RoutePlan.Unchanged => route,
            var other => throw new LawBrokenException("a plan that is possible can be carried out", $"{other}: {route.ToJsonString()}"),
        };

    private static IEnumerable<string> Others(JsonObject route) =>
        from rule in route.Rules()
        from entry in rule!["backendRefs"] as JsonArray ?? []
        where (string?)entry!["name"] is not (Routes.Service or Routes.Canary)
        select entry.ToJsonString();

    private static JsonObject Build(string kind, IEnumerable<JsonObject> rules)
    {
        var route = Routes.Json();
        route["kind"] = kind;
        route["spec"]!["rules"] = new JsonArray([.. rules.Select(rule => rule.DeepClone())]);
        return route;
    }

    private static IEnumerable<(string Route, int Weight, bool Matches)> Fewer((string Route, int Weight, bool Matches) input)
    {
        var count = Parse(input.Route).Rules().Count;
        for (var left = 0; left < count; left++)
        {
            var route = Parse(input.Route);
            route.Rules().RemoveAt(left);
            yield return input with { Route = route.ToJsonString() };
        }

        if (input.Matches)
            yield return input with { Matches = false };
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private static JsonObject Written(params (string Name, string? Text)[] fields) =>
        new(fields.Where(field => field.Text is not null).Select(field => KeyValuePair.Create(field.Name, (JsonNode?)field.Text)));
}

/// <summary>Writes parts of objects.</summary>
internal static class Writing
{
    /// <summary>Adds a field from JSON; null adds none.</summary>
    public static JsonObject With(this JsonObject map, string name, string? json)
    {
        if (json is not null)
            map[name] = JsonNode.Parse(json);
        return map;
    }

    /// <summary>Adds the fields of an object from JSON; null adds none.</summary>
    public static JsonObject Merged(this JsonObject map, string? json)
    {
        foreach (var (name, value) in json is null ? [] : JsonNode.Parse(json)!.AsObject())
            map[name] = value?.DeepClone();
        return map;
    }
}
