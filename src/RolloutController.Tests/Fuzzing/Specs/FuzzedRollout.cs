using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>A valid Rollout of samples.yaml with some fields written differently. As the fields come from the schema, none is forgotten.</summary>
/// <param name="Sample">The sample.</param>
/// <param name="Changes">What is different.</param>
internal sealed record FuzzedRollout(string Sample, IReadOnlyList<SpecChange> Changes)
{
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyList<SpecChange>>> PerSample = new(() => Samples.Names.ToDictionary(name => name, ChangesOf));
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyList<SpecChange>>> AcceptedPerSample = new(() => Accepted(new EmbeddedApi()));
    private static readonly Lazy<IReadOnlyDictionary<string, IReadOnlyList<SpecChange>>> AcceptedWithoutRules = new(() => Accepted(new EmbeddedApi(EmbeddedApi.ForgetRules)));

    /// <summary>Rollouts with one change to four, and the same with fewer.</summary>
    public static Arbitrary<FuzzedRollout> Arbitrary { get; } = Arb.From(Generator(PerSample), Shrink);

    /// <summary>Rollouts with changes of which the API takes each alone, so that it mostly takes them together.</summary>
    public static Arbitrary<FuzzedRollout> Acceptable { get; } = Arb.From(Generator(AcceptedPerSample), Shrink);

    /// <summary>The same for an API that knows no CEL.</summary>
    public static Arbitrary<FuzzedRollout> AcceptableWithoutRules { get; } = Arb.From(Generator(AcceptedWithoutRules), Shrink);

    /// <summary>The changes to a sample that the API takes alone.</summary>
    public static IReadOnlyList<SpecChange> AcceptedChangesOf(string sample) => AcceptedPerSample.Value[sample];

    /// <summary>Every change to every field, alone.</summary>
    public static IEnumerable<FuzzedRollout> Singles =>
        from part in CrdSchema.Fields
        where part.Path.StartsWith("spec", StringComparison.Ordinal)
        let sample = Samples.Names.FirstOrDefault(name => FieldPath.Find(Samples.Named(name), part.Path) is not null)
        where sample is not null
        from change in FieldValues.Changes(part, FieldPath.Find(Samples.Named(sample), part.Path)!)
        select new FuzzedRollout(sample, [change]);

    /// <summary>Every change to the metadata, alone.</summary>
    public static IEnumerable<FuzzedRollout> Metadata => HostileMetadata.Select(change => new FuzzedRollout("podsOnly", [change]));

    /// <summary>The Rollout as it is sent.</summary>
    /// <param name="name">Its name, where no change gives another; null for the sample's.</param>
    public JsonObject Json(string? name = null)
    {
        var rollout = Samples.Named(Sample).AsObject();
        rollout.Remove("status");
        if (name is not null)
            rollout["metadata"]!["name"] = name;
        foreach (var change in Changes)
            change.Apply(rollout);
        return rollout;
    }

    public override string ToString() => $"{Sample} with {string.Join("; ", Changes)}";

    private static readonly IReadOnlyList<SpecChange> HostileMetadata =
    [
        .. FieldValues.HostileTexts.Append("shop.v1").Append("-shop").Append("Shop").Append(new string('a', 50)).Append(new string('a', 51)).Append("a--b..c").Append("1.2.3.4")
            .Select(text => new SpecChange("metadata.name", text)),
        .. FieldValues.HostileTexts.SelectMany(text => (SpecChange[])
        [
            new("metadata.labels", new JsonObject { ["app"] = text }),
            new("metadata.labels", new JsonObject { [text] = "a" }),
            new("metadata.annotations", new JsonObject { ["note"] = text }),
            new("metadata.annotations", new JsonObject { [text] = "a" }),
        ]),
        new("metadata.labels", null), new("metadata.labels", new JsonArray()), new("metadata.labels", new JsonObject { ["a"] = null }), new("metadata.labels", new JsonObject { ["a"] = 1 }),
        new("metadata.annotations", new JsonObject { ["a"] = null }), new("metadata.annotations", new JsonObject { ["a"] = new string('b', 262_143) }), new("metadata.annotations", new JsonObject { ["a"] = new string('b', 262_145) }),
        new("metadata.annotations", new JsonObject([.. Enumerable.Range(0, 5000).Select(number => KeyValuePair.Create($"a{number}", (JsonNode?)"b"))])),
        new("metadata.finalizers", new JsonArray("example.com/mine")), new("metadata.finalizers", new JsonArray("rollouts.dev/traffic")), new("metadata.finalizers", new JsonArray("no slash")), new("metadata.finalizers", new JsonArray(null, 1)),
        new("metadata.ownerReferences", new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["name"] = "a", ["uid"] = "b" })),
        new("metadata.ownerReferences", new JsonArray(new JsonObject())), new("metadata.ownerReferences", new JsonArray((JsonNode?)null)),
        new("metadata.generation", 99), new("metadata.uid", "mine"), new("metadata.resourceVersion", "1"), new("metadata.creationTimestamp", "yesterday"), new("metadata.creationTimestamp", "1970-01-01T00:00:00Z"),
        new("metadata.deletionTimestamp", "1970-01-01T00:00:00Z"), new("metadata.unknown", "field"), new("unknown", "field"), new("status", new JsonObject { ["state"] = new JsonObject { ["name"] = "Progressing" } }),
    ];

    private static IReadOnlyList<SpecChange> ChangesOf(string name)
    {
        var sample = Samples.Named(name);
        return
        [
            .. HostileMetadata,
            .. from part in CrdSchema.Fields
               where part.Path.StartsWith("spec", StringComparison.Ordinal)
               let written = FieldPath.Find(sample, part.Path)
               where written is not null
               from change in FieldValues.Changes(part, written)
               select change,
        ];
    }

    private static Dictionary<string, IReadOnlyList<SpecChange>> Accepted(EmbeddedApi api)
    {
        using (api)
            return PerSample.Value.ToDictionary(one => one.Key, one => (IReadOnlyList<SpecChange>)[.. one.Value.Where(change => api.TryCreate(new FuzzedRollout(one.Key, [change]).Json()).IsSuccess)]);
    }

    private static Gen<FuzzedRollout> Generator(Lazy<IReadOnlyDictionary<string, IReadOnlyList<SpecChange>>> choices) =>
        from sample in Gen.Elements(Samples.Names.ToArray())
        from count in Gen.Choose(1, 4)
        from changes in Gen.ArrayOf(Gen.Elements(choices.Value[sample].ToArray()), count)
        select new FuzzedRollout(sample, changes);

    private static IEnumerable<FuzzedRollout> Shrink(FuzzedRollout rollout) =>
        rollout.Changes.Select((_, left) => rollout with { Changes = [.. rollout.Changes.Where((_, place) => place != left)] });
}
