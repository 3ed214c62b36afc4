using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Schemas;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The CustomResourceDefinitions that an embedded cluster brings: Rollouts as in <c>crds/</c>, and routes of the Gateway API.</summary>
internal static class Definitions
{
    // Large, and the same for every cluster: a rehearsal of many scenarios would mostly read them.
    private static readonly Lazy<IReadOnlyList<ReadOnlyMemory<byte>>> Texts = new(() => [.. Read()]);
    private static readonly Lazy<IReadOnlyList<(JsonObject Json, ScalePaths? Scale, StructuralSchema Schema)>> Schemas = new(() => [.. from definition in All() from version in definition["spec"]!["versions"]!.AsArray() select SchemaOf(version!)]);

    /// <summary>All definitions, each as an object of its own.</summary>
    public static IEnumerable<JsonObject> All() => Texts.Value.Select(text => JsonNode.Parse(text.Span)!.AsObject());

    /// <summary>The schema of one of these definitions, which many clusters share; null for any other.</summary>
    /// <param name="json">The <c>openAPIV3Schema</c>.</param>
    /// <param name="scale">The scale subresource beside it; null for none.</param>
    public static StructuralSchema? Find(JsonObject json, ScalePaths? scale) =>
        Schemas.Value.FirstOrDefault(known => known.Scale == scale && JsonNode.DeepEquals(known.Json, json)).Schema;

    private static IEnumerable<ReadOnlyMemory<byte>> Read() =>
        from name in typeof(Definitions).Assembly.GetManifestResourceNames()
        where name.EndsWith(".crd.yaml", StringComparison.Ordinal)
        orderby name
        from definition in YamlReader.Read(TextOf(name)).OfType<JsonObject>()
        select (ReadOnlyMemory<byte>)StoredObject.Write(definition);

    private static string TextOf(string name)
    {
        using var stream = typeof(Definitions).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static (JsonObject, ScalePaths?, StructuralSchema) SchemaOf(JsonNode version)
    {
        var json = version["schema"]!["openAPIV3Schema"]!.AsObject();
        StoredObject.Materialize(json);
        var scale = CustomKinds.ScaleOf(version);
        return (json, scale, new StructuralSchema(json, scale: scale));
    }
}
