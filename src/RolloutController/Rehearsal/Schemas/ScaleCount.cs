using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Judges the count that a scale subresource would read, beside the schema.</summary>
/// <remarks>https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiextensions-apiserver/pkg/registry/customresource/validator.go</remarks>
internal static class ScaleCount
{
    /// <summary>What is wrong with it; nothing where it is left out.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">Where the count is, as a dotted path.</param>
    public static IEnumerable<FieldProblem> Check(JsonObject item, string path)
    {
        JsonNode? found = item;
        foreach (var name in path.Split('.'))
        {
            if (found is not JsonObject map)
                return [Unreadable(path, found!, "map[string]interface{}")];
            if (!map.TryGetPropertyValue(name, out found) || found is null)
                return [];
        }

        return JsonNumber.Of(found)?.Whole switch
        {
            null => [Unreadable(path, found, "int64")],
            < 0 => [FieldProblems.Invalid($".{path}", found, "should be a non-negative integer")],
            > int.MaxValue => [FieldProblems.Invalid($".{path}", found, $"should be less than or equal to {int.MaxValue}")],
            _ => [],
        };
    }

    private static FieldProblem Unreadable(string path, JsonNode found, string wanted) =>
        FieldProblems.Invalid($".{path}", 0, $".{path} accessor error: {(found.GetValueKind() == JsonValueKind.String ? (string)found! : GoText.Value(found))} is of the type {TypeOf(found)}, expected {wanted}");

    private static string TypeOf(JsonNode found) => found.GetValueKind() switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => JsonNumber.Of(found)!.Value.Whole is null ? "float64" : "int64",
        _ => "bool",
    };
}
