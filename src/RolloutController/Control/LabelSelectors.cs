using System.Text.Json;

namespace RolloutController.Control;

/// <summary>Label selectors, as the API defines them for workloads.</summary>
internal static class LabelSelectors
{
    /// <summary>Whether labels match a selector; a requirement that this code does not know matches nothing.</summary>
    public static bool Matches(JsonElement selector, IReadOnlyDictionary<string, string> labels) =>
        Labels(selector).All(label => labels.GetValueOrDefault(label.Name) == label.Value)
        && Requirements(selector).All(requirement => requirement switch
        {
            ("In", var key, var values) => labels.TryGetValue(key, out var value) && values.Contains(value),
            ("NotIn", var key, var values) => !labels.TryGetValue(key, out var value) || !values.Contains(value),
            ("Exists", var key, _) => labels.ContainsKey(key),
            ("DoesNotExist", var key, _) => !labels.ContainsKey(key),
            _ => false,
        });

    /// <summary>The selector as text, as the scale subresource wants it.</summary>
    public static string Format(JsonElement selector) => string.Join(',',
        Labels(selector).Select(label => $"{label.Name}={label.Value}").Concat(Requirements(selector).Select(requirement => requirement switch
        {
            ("In", var key, var values) => $"{key} in ({string.Join(',', values)})",
            ("NotIn", var key, var values) => $"{key} notin ({string.Join(',', values)})",
            ("DoesNotExist", var key, _) => $"!{key}",
            var (_, key, _) => key,
        })));

    private static IEnumerable<(string Name, string Value)> Labels(JsonElement selector) =>
        selector.TryGetProperty("matchLabels", out var labels) && labels.ValueKind == JsonValueKind.Object
            ? labels.EnumerateObject().Select(label => (label.Name, label.Value.GetString() ?? ""))
            : [];

    private static IEnumerable<(string Operator, string Key, string[] Values)> Requirements(JsonElement selector) =>
        selector.TryGetProperty("matchExpressions", out var expressions) && expressions.ValueKind == JsonValueKind.Array
            ? expressions.EnumerateArray().Select(expression => (
                expression.GetProperty("operator").GetString() ?? "",
                expression.GetProperty("key").GetString() ?? "",
                expression.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Array
                    ? values.EnumerateArray().Select(value => value.GetString() ?? "").ToArray()
                    : []))
            : [];
}
