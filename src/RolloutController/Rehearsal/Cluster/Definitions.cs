using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>The CustomResourceDefinitions that an embedded cluster brings: Rollouts as in <c>crds/</c>, and routes of the Gateway API.</summary>
internal static class Definitions
{
    /// <summary>All definitions.</summary>
    public static IEnumerable<JsonObject> All() =>
        from name in typeof(Definitions).Assembly.GetManifestResourceNames()
        where name.EndsWith(".crd.yaml", StringComparison.Ordinal)
        orderby name
        from definition in Read(name)
        select definition;

    private static IEnumerable<JsonObject> Read(string name)
    {
        using var stream = typeof(Definitions).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return YamlReader.Read(reader.ReadToEnd()).OfType<JsonObject>();
    }
}
