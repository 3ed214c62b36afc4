using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Schemas;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Rehearsal.Schemas;

/// <summary>The examples that are checked on a real API server (the folder Crd), without one.</summary>
internal sealed class RolloutSchemaTests
{
    private static readonly StructuralSchema Schema = new(CrdSchema.Version["schema"]!["openAPIV3Schema"]!.AsObject());

    public static IEnumerable<RuleExample> Examples =>
        YamlFile.Documents($"{Samples.Folder}/rules.yaml").Single().AsArray().Select(example => RuleExample.From(example!));

    [TestCaseSource(nameof(Examples))]
    public void Rule_takes_what_is_right_and_explains_what_is_wrong(RuleExample example)
    {
        Assert.That(Judge(example, example.Accept), Is.Empty, example.Accept.ToJsonString());
        Assert.That(Judge(example, example.Refuse).Select(Cause).Where(example.Explains), Is.Not.Empty, example.Refuse.ToJsonString());
    }

    public static IEnumerable<TestCaseData> Bounds() =>
        from field in CrdSchema.Fields
        let sample = Samples.Writing(field.Path) ?? throw new AssertionException($"No sample writes {field.Path}.")
        from bound in Bound.Of(field, FieldPath.Find(sample, field.Path)!)
        select new TestCaseData(sample, bound).SetArgDisplayNames(bound.Path, bound.Message);

    [TestCaseSource(nameof(Bounds))]
    public void Bound_is_kept(JsonNode sample, Bound bound)
    {
        var path = FieldPath.InError(sample, bound.Path);
        Assert.That(Judge(With(sample, bound.Target, bound.Kept)).Select(Cause).Where(IsMeant), Is.Empty);
        Assert.That(Judge(With(sample, bound.Target, bound.Broken)).Select(Cause).Where(IsMeant), Is.Not.Empty);

        bool IsMeant(ApiCause cause) =>
            (cause.Field == path || cause.Field == $"{path}[1]") && cause.Message.Contains(bound.Message, StringComparison.Ordinal);
    }

    [Test]
    public void Samples_are_valid_and_arrive_intact([Values("routed", "podsOnly", "adopted")] string name)
    {
        var sample = Samples.Named(name).AsObject();
        Assert.That(Schema.Prune(sample), Is.Empty);
        Assert.That(JsonNode.DeepEquals(sample, Samples.Named(name)));
        Schema.Default(sample);
        Assert.That(Schema.Validate(sample, null), Is.Empty);
    }

    [Test]
    public void A_misspelt_field_is_named()
    {
        var rollout = Samples.Named("routed").AsObject();
        rollout["spec"]!["steps"]![0]!["wieght"] = 5;
        rollout["metadata"]!["lables"] = new JsonObject();
        Assert.That(Schema.Prune(rollout), Is.EqualTo(["metadata.lables", "spec.steps[0].wieght"]));
        Assert.That(rollout["spec"]!["steps"]![0]!["wieght"], Is.Null);
    }

    [Test]
    public void Defaults_are_written()
    {
        var rollout = Samples.Named("podsOnly").AsObject();
        rollout["spec"]!["analysis"] = new JsonObject { ["errorRate"] = new JsonObject { ["max"] = "1%" } };
        rollout["spec"]!["steps"] = JsonNode.Parse("""[{"weight": 100, "pause": null}]""");
        Schema.Prune(rollout);
        Schema.Default(rollout);
        var expected = JsonNode.Parse("""
            {"minReadySeconds": 0, "revisionHistoryLimit": 10, "progressDeadline": "10m", "maxSurge": "25%", "maxUnavailable": 0,
             "paused": false, "rolloutOn": ["template"], "deletionPolicy": "Restore", "scaleDownDelay": "30s", "steps": [{"weight": 100, "pause": false, "hold": "60s"}],
             "analysis": {"interval": "15s", "errorRate": {"max": "1%", "sensitivity": "5%", "tolerance": "50%", "onNoData": "Hold"}}}
            """)!.AsObject();
        expected["selector"] = rollout["spec"]!["selector"]!.DeepClone();
        expected["template"] = rollout["spec"]!["template"]!.DeepClone();
        Assert.That(JsonNode.DeepEquals(rollout["spec"], expected), rollout["spec"]!.ToJsonString());
    }

    [Test]
    public void Fields_are_in_the_order_of_their_names()
    {
        var rollout = Samples.Named("podsOnly").AsObject();
        var spec = rollout["spec"]!.AsObject();
        Schema.Prune(rollout);
        Schema.Default(rollout);
        Assert.That(spec.Select(field => field.Key), Is.Ordered.Using((System.Collections.IComparer)StringComparer.Ordinal));
        Assert.That(spec["template"]!["spec"]!["containers"]![0]!.AsObject().Select(field => field.Key), Is.EqualTo(["image", "name"]));
    }

    [Test]
    public void What_is_stored_is_not_judged_again()
    {
        var stored = Samples.Named("podsOnly").AsObject();
        stored["spec"]!["scaleDownDelay"] = "half an hour, please";
        stored["spec"]!["minReadySeconds"] = -1;
        Assert.That(Judge(stored).Select(problem => problem.Field), Is.EquivalentTo(["spec.scaleDownDelay", "spec.minReadySeconds"]));

        var changed = stored.DeepClone().AsObject();
        changed["spec"]!["replicas"] = 3;
        Assert.That(Schema.Validate(changed, stored), Is.Empty);
        changed["spec"]!["minReadySeconds"] = -2;
        Assert.That(Schema.Validate(changed, stored).Select(problem => problem.Field), Is.EqualTo(["spec.minReadySeconds"]));
    }

    [Test]
    public void Places_say_how_they_merge()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Schema.Of(["spec", "steps"]), Is.TypeOf<ListMerge.Atomic>());
            Assert.That(Keys("spec", "traffic", "routes"), Is.EqualTo(["kind", "name"]));
            Assert.That(Keys("status", "conditions"), Is.EqualTo(["type"]));
            Assert.That(Keys("metadata", "ownerReferences"), Is.EqualTo(["uid"]));
            Assert.That(Schema.Of(["spec", "template", "spec", "containers", "ports"]), Is.TypeOf<ListMerge.Atomic>());
            Assert.That(Schema.IsAtomic(["spec", "selector"]));
            Assert.That(Schema.IsAtomic(["spec"]), Is.False);
        }
    }

    private static IReadOnlyList<string> Keys(params string[] path) => Schema.Of(path) is ListMerge.Map map ? map.Keys : [];

    private static IReadOnlyList<FieldProblem> Judge(RuleExample example, JsonNode patch)
    {
        var sample = Samples.Named(example.Sample).AsObject();
        var changed = MergePatch.Apply(sample, patch)!;
        var old = example.Stored is { } stored ? MergePatch.Apply(sample, stored)!.AsObject() : sample;
        return Judge(changed, example.IsUpdate ? Prepared(old) : null);
    }

    private static IReadOnlyList<FieldProblem> Judge(JsonNode rollout, JsonObject? old = null) => Schema.Validate(Prepared(rollout.AsObject()), old);

    private static JsonObject Prepared(JsonObject rollout)
    {
        Schema.Prune(rollout);
        Schema.Default(rollout);
        return rollout;
    }

    private static JsonNode With(JsonNode sample, string path, JsonNode value)
    {
        var changed = sample.DeepClone();
        FieldPath.Set(changed, path, value.DeepClone());
        return changed;
    }

    private static ApiCause Cause(FieldProblem problem) => new(problem.Field, problem.Message);
}
