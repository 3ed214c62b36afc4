using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Defaults and judges ConfigMaps and Secrets.</summary>
internal static class ConfigRules
{
    private static readonly string[] Maps = ["data", "binaryData"];

    /// <summary>Writes the defaults of a Secret: plain text becomes data.</summary>
    public static void DefaultSecret(JsonObject secret)
    {
        secret.Or("type", "Opaque");
        foreach (var (key, text) in secret.Object("stringData") ?? [])
            secret.Within("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text.Text() ?? ""));
        secret.Remove("stringData");
    }

    /// <summary>Judges the keys, and what must stay as it was.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject item, JsonObject? old) => Keys(item).Concat(old is null ? [] : Changed(item, old));

    private static IEnumerable<FieldProblem> Keys(JsonObject item) =>
        from field in Maps
        from entry in item.Object(field) ?? []
        from problem in FieldProblems.OfText(JsonPath.Key(field, entry.Key), entry.Key, NameRules.ConfigKey)
        select problem;

    private static IEnumerable<FieldProblem> Changed(JsonObject item, JsonObject old)
    {
        if (!JsonNode.DeepEquals(item["type"], old["type"]))
            yield return FieldProblems.Invalid("type", item["type"], "field is immutable");
        if ((bool?)old["immutable"] != true)
            yield break;
        if ((bool?)item["immutable"] != true)
            yield return FieldProblems.Forbidden("immutable", "field is immutable when `immutable` is set");
        foreach (var field in Maps.Where(field => !JsonNode.DeepEquals(item.Object(field) ?? [], old.Object(field) ?? [])))
            yield return FieldProblems.Forbidden(field, "field is immutable when `immutable` is set");
    }
}
