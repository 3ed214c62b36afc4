using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Traffic;

namespace RolloutController.Tests.Traffic;

/// <summary>What holds of every route, every walk through weights and every edit in between.</summary>
internal sealed class RouteWeightsProperties
{
    /// <summary>Weights that divide every generated entry: multiples of 5 against multiples of 20.</summary>
    private static readonly Gen<int> Weight = Gen.Choose(1, 20).Select(fifth => fifth * 5);

    private static readonly Gen<JsonObject> Entry =
        from name in Gen.Elements(Routes.Service, Routes.Service, "legacy", "assets")
        from port in Gen.Elements(80, 81, 82)
        from twenties in Gen.Choose(0, 100)
        from filters in Gen.Elements(null, """[{"type":"X","x":{"b":1.50,"a":[null,1e2]}}]""", """[{"type":"Y"}]""")
        select WithFilters(Routes.Refs($"{name}:{port} {twenties * 20}")[0]!.DeepClone().AsObject(), filters);

    private static readonly Gen<JsonObject> Route =
        from rules in Gen.NonEmptyListOf(Gen.Choose(0, 4).SelectMany(size => Entry.ListOf(size)))
        let live = (IReadOnlyList<JsonObject>)[Routes.Refs($"{Routes.Service} 20")[0]!.DeepClone().AsObject()]
        select Build([.. rules.Take(4), live]);

    private static readonly Gen<Edit> AnyEdit =
        from what in Gen.Elements(Enum.GetValues<What>())
        from rule in Gen.Choose(0, 7)
        from entry in Gen.Choose(0, 7)
        from weight in Gen.Choose(0, 3000)
        select new Edit(what, rule, entry, weight);

    private enum What
    {
        RemoveEntry,
        ChangeWeight,
        AddOther,
        AddService,
        MoveToFront,
        ReapplyOriginal,
        ReapplyRule,
    }

    [Test]
    public void Restoring_after_any_walk_gives_back_the_original_byte_for_byte() =>
        Check(from route in Route from walk in Gen.NonEmptyListOf(Weight) select (route, walk), run =>
        {
            var there = run.walk.Aggregate(run.route, (route, weight) => route.At(weight));
            Assert.That(there.At(0).ToJsonString(), Is.EqualTo(run.route.ToJsonString()));
        });

    [Test]
    public void A_plan_reads_back_as_its_weight_and_has_nothing_more_to_do() =>
        Check(from route in Route from before in Weight from weight in Weight select (route, before, weight), run =>
        {
            var there = run.route.At(run.before).At(run.weight);
            Assert.That(there.Reading(), Is.EqualTo(new RouteReading.Rolling(run.weight)));
            Assert.That(Plan(there, run.weight), Is.InstanceOf<RoutePlan.Unchanged>());
            Assert.That(there.ToJsonString(), Is.EqualTo(run.route.At(run.weight).ToJsonString()), "the way there does not matter");
        });

    [Test]
    public void The_pair_has_exactly_the_share_that_the_entry_had_and_others_keep_their_values() =>
        Check(from route in Route from weight in Weight select (route, weight), run =>
        {
            var there = run.route.At(run.weight);
            for (var rule = 0; rule < run.route.Rules().Count; rule++)
            {
                var (rest, rolling) = (run.route.BackendRefs(rule), there.BackendRefs(rule));
                Assert.That(Others(rolling), Is.EqualTo(Others(rest)));
                Assert.That(rolling.Count == 0 || rest.Sum(WeightOf) == 0 || rolling.Sum(WeightOf) > 0, "a rule whose weights sum up to 0");

                var siblings = rolling.Where(entry => Name(entry) == Routes.Canary).ToList();
                var live = rest.Where(entry => Name(entry) == Routes.Service && WeightOf(entry) > 0).ToList();
                Assert.That(siblings, Has.Count.EqualTo(live.Count));
                foreach (var (original, sibling) in live.Zip(siblings))
                {
                    var entry = rolling[rolling.IndexOf(sibling) - 1];
                    var pair = WeightOf(entry) + WeightOf(sibling);
                    Assert.That(Name(entry), Is.EqualTo(Routes.Service));
                    Assert.That(pair * rest.Sum(WeightOf), Is.EqualTo(WeightOf(original) * rolling.Sum(WeightOf)));
                    Assert.That(WeightOf(sibling) * 100, Is.EqualTo(pair * run.weight));
                }
            }
        });

    [Test]
    public void A_write_holds_the_rules_that_differ_and_no_other() =>
        Check(from route in Route from before in Weight from edits in AnyEdit.ListOf(2) from weight in Gen.OneOf(Weight, Gen.Constant(0)) select (route, before, edits, weight), run =>
        {
            var edited = Apply(run.edits, run.route.At(run.before), run.route);
            if (Plan(edited, run.weight) is not RoutePlan.Change(var patch))
                return;
            var there = JsonPatches.Apply(edited, patch.Body);
            Assert.That(
                patch.Body.AsArray().Skip(1).Select(operation => operation!["path"]!.ToString()),
                Is.EqualTo(Enumerable.Range(0, there.Rules().Count)
                    .Where(rule => there.Rules()[rule]!.ToJsonString() != edited.Rules()[rule]!.ToJsonString())
                    .Select(rule => $"/spec/rules/{rule}/backendRefs")));
        });

    [Test]
    public void Plans_converge_after_any_edits_and_keep_the_shares_that_they_left() =>
        Check(from route in Route from before in Weight from edits in AnyEdit.NonEmptyListOf() from weight in Weight select (route, before, edits, weight), run =>
        {
            var edited = Apply(run.edits, run.route.At(run.before), run.route);

            var restored = edited.At(0);
            Assert.That(restored.Reading(), Is.InstanceOf<RouteReading.AtRest>().Or.InstanceOf<RouteReading.NotNamed>());
            Assert.That(Plan(restored, 0), Is.InstanceOf<RoutePlan.Unchanged>());
            AssertSameShares(edited, restored);

            if (Plan(edited, run.weight) is RoutePlan.Impossible(var message))
            {
                Assert.That(message, Does.Contain("multiply every weight").Or.Contain("write ").Or.Contain("sends nothing").Or.Contain("give it weight"));
                return;
            }

            var there = edited.At(run.weight);
            Assert.That(there.Reading(), Is.EqualTo(new RouteReading.Rolling(run.weight)));
            Assert.That(Plan(there, run.weight), Is.InstanceOf<RoutePlan.Unchanged>());
            Assert.That(there.At(0).ToJsonString(), Is.EqualTo(restored.ToJsonString()));
            AssertSameShares(edited, there);
        });

    private static void AssertSameShares(JsonObject before, JsonObject after)
    {
        for (var rule = 0; rule < before.Rules().Count; rule++)
        {
            var (was, now) = (before.BackendRefs(rule), after.BackendRefs(rule));
            Assert.That(Ours(now) * was.Sum(WeightOf), Is.EqualTo(Ours(was) * now.Sum(WeightOf)), $"{was.ToJsonString()} became {now.ToJsonString()}");
            Assert.That(Others(now), Is.EqualTo(Others(was)));
        }
    }

    private static JsonObject Apply(IEnumerable<Edit> edits, JsonObject route, JsonObject original) =>
        edits.Aggregate(route, (before, edit) => edit.Apply(before, original));

    private static void Check<T>(Gen<T> runs, Action<T> property) =>
        Prop.ForAll(runs.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static RoutePlan Plan(JsonObject route, int weight) =>
        RouteWeights.Plan(Routes.Read(route), Routes.Service, Routes.Canary, weight, Routes.Steps);

    private static JsonObject Build(IReadOnlyList<IReadOnlyList<JsonObject>> rules)
    {
        var route = Routes.Json([.. rules.Select(_ => "")]);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            foreach (var entry in rules[rule])
                route.BackendRefs(rule).Add(entry.DeepClone());
        }

        return route;
    }

    private static JsonObject WithFilters(JsonObject entry, string? filters)
    {
        if (filters is not null)
            entry["filters"] = JsonNode.Parse(filters);
        return entry;
    }

    private static string Name(JsonNode? entry) => entry!["name"]!.GetValue<string>();

    private static long WeightOf(JsonNode? entry) => (int)entry!["weight"]!;

    private static long Ours(JsonArray refs) => refs.Where(entry => Name(entry) is Routes.Service or Routes.Canary).Sum(WeightOf);

    private static IEnumerable<string> Others(JsonArray refs) =>
        refs.Where(entry => Name(entry) is not (Routes.Service or Routes.Canary)).Select(entry => entry!.ToJsonString());

    /// <summary>What somebody does to a route while it rolls; places are taken modulo what is there.</summary>
    private sealed record Edit(What What, int Rule, int Place, int Weight)
    {
        public JsonObject Apply(JsonObject route, JsonObject original)
        {
            var edited = route.DeepClone().AsObject();
            var rule = Rule % edited.Rules().Count;
            var refs = edited.BackendRefs(rule);
            var entry = refs.Count == 0 ? null : refs[Place % refs.Count];
            switch (What)
            {
                case What.RemoveEntry when entry is not null:
                    refs.Remove(entry);
                    break;
                case What.ChangeWeight when entry is not null:
                    entry["weight"] = Weight;
                    break;
                case What.AddOther:
                    refs.Add(Routes.Refs($"extra {Weight}")[0]!.DeepClone());
                    break;
                case What.AddService:
                    refs.Add(Routes.Refs($"{Routes.Service}:81 {Weight}")[0]!.DeepClone());
                    break;
                case What.MoveToFront when entry is not null:
                    refs.Remove(entry);
                    refs.Insert(0, entry);
                    break;
                case What.ReapplyOriginal:
                    return original;
                case What.ReapplyRule:
                    edited.Rules()[rule]!["backendRefs"] = original.BackendRefs(rule).DeepClone();
                    break;
            }

            return edited;
        }
    }
}
