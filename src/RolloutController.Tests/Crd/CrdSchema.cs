using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>One field of the schema.</summary>
/// <param name="Path">Where it is: <c>[]</c> stands for an item of a list, <c>*</c> for a value of a map.</param>
/// <param name="Schema">Its schema.</param>
internal sealed record SchemaField(string Path, JsonObject Schema)
{
    public string? Type => (string?)Schema["type"];

    public bool Has(string keyword) => Schema.ContainsKey(keyword);
}

/// <summary>A CEL rule: the field that its errors name, and what they say.</summary>
internal sealed record SchemaRule(string Path, string Message);

/// <summary>The schema in crds/rollouts.yaml.</summary>
internal static class CrdSchema
{
    public const string File = "crds/rollouts.yaml";

    /// <summary>The one version of the CustomResourceDefinition.</summary>
    public static JsonObject Version { get; } =
        YamlFile.Documents(File).Single()["spec"]!["versions"]!.AsArray().Single()!.AsObject();

    /// <summary>Every field under spec and status, and the two themselves.</summary>
    public static IReadOnlyList<SchemaField> Fields { get; } =
        [.. Walk("", Root).Where(field => field.Path.StartsWith("spec", StringComparison.Ordinal)
                                       || field.Path.StartsWith("status", StringComparison.Ordinal))];

    /// <summary>Every CEL rule.</summary>
    public static IReadOnlyList<SchemaRule> Rules { get; } = [.. Walk("", Root).SelectMany(RulesOf)];

    private static JsonObject Root => Version["schema"]!["openAPIV3Schema"]!.AsObject();

    private static IEnumerable<SchemaField> Walk(string path, JsonObject schema)
    {
        yield return new(path, schema);
        foreach (var (childPath, child) in Children(path, schema))
            foreach (var field in Walk(childPath, child))
                yield return field;
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Children(string path, JsonObject schema)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
            yield return (prefix + name, property!.AsObject());
        if (schema["items"] is JsonObject items)
            yield return (path + "[]", items);
        if (schema["additionalProperties"] is JsonObject values)
            yield return (prefix + "*", values);
    }

    private static IEnumerable<SchemaRule> RulesOf(SchemaField field) =>
        from rule in field.Schema["x-kubernetes-validations"] as JsonArray ?? []
        select new SchemaRule((field.Path + (string?)rule["fieldPath"]).TrimStart('.'), (string?)rule["message"] ?? "");
}
