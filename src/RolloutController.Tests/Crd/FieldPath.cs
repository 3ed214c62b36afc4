using System.Text.Json.Nodes;

namespace RolloutController.Tests.Crd;

/// <summary>
/// Finds and sets fields by the path of the schema, in which <c>[]</c> is an item of a list and <c>*</c> a value of a map:
/// the first one of either is meant.
/// </summary>
internal static class FieldPath
{
    public static JsonNode? Find(JsonNode root, string path) =>
        Tokens(path).Aggregate((JsonNode?)root, (node, token) => node is null ? null : Step(node, token));

    public static void Set(JsonNode root, string path, JsonNode? value)
    {
        var tokens = Tokens(path);
        var parent = tokens.SkipLast(1).Aggregate(root, (node, token) => Step(node, token)!);
        if (parent is JsonArray items)
            items[0] = value;
        else
            parent[tokens[^1] == "*" ? FirstKey(parent)! : tokens[^1]] = value;
    }

    /// <summary>The path as the API server writes it in an error.</summary>
    public static string InError(JsonNode root, string path)
    {
        var written = "";
        JsonNode? node = root;
        foreach (var token in Tokens(path))
        {
            written += token switch { "[]" => "[0]", "*" => $".{FirstKey(node!)}", _ => $".{token}" };
            node = node is null ? null : Step(node, token);
        }

        return written.TrimStart('.');
    }

    private static string[] Tokens(string path) => path.Replace("[]", ".[]", StringComparison.Ordinal).Split('.');

    private static JsonNode? Step(JsonNode node, string token) => (node, token) switch
    {
        (JsonArray { Count: > 0 } items, "[]") => items[0],
        (JsonObject map, "*") => FirstKey(map) is { } key ? map[key] : null,
        (JsonObject map, _) => map[token],
        _ => null,
    };

    private static string? FirstKey(JsonNode map) => map.AsObject().Select(entry => entry.Key).FirstOrDefault();
}
