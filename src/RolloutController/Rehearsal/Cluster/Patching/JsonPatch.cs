using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster.Patching;

/// <summary>JSON patch (RFC 6902).</summary>
internal static class JsonPatch
{
    /// <summary>Carries out the operations one after another, and gives back what came out.</summary>
    /// <exception cref="ApiFailure">An operation cannot be carried out: 422, as an API server answers; 400 where the patch is none.</exception>
    public static JsonObject Apply(JsonObject target, JsonArray operations)
    {
        JsonNode root = target;
        foreach (var operation in operations)
            root = Apply(root, operation as JsonObject ?? throw Failures.BadRequest("error decoding patch: an operation is not an object"));
        return root as JsonObject ?? throw Failures.BadRequest("error decoding patch: the result is not an object");
    }

    private static JsonNode Apply(JsonNode root, JsonObject operation)
    {
        var path = Tokens(operation, "path");
        switch ((string?)operation["op"])
        {
            case "add":
                Add(root, path, operation["value"]?.DeepClone());
                break;
            case "remove":
                Remove(root, path);
                break;
            case "replace":
                _ = Find(root, path, "replace");
                // A member keeps its place among the others.
                if (Find(root, [.. path.SkipLast(1)], "replace") is JsonArray)
                    Remove(root, path);
                Add(root, path, operation["value"]?.DeepClone());
                break;
            case "move":
                var moved = Find(root, Tokens(operation, "from"), "move")?.DeepClone();
                Remove(root, Tokens(operation, "from"));
                Add(root, path, moved);
                break;
            case "copy":
                Add(root, path, Find(root, Tokens(operation, "from"), "copy")?.DeepClone());
                break;
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path, "test"), operation["value"]))
                    throw Refused($"testing value {operation["path"]} failed: test failed");
                break;
            default:
                throw Failures.BadRequest($"error decoding patch: unexpected kind: {operation["op"]}");
        }
        return root;
    }

    private static void Add(JsonNode root, IReadOnlyList<string> path, JsonNode? value)
    {
        switch (Find(root, [.. path.SkipLast(1)], "add"))
        {
            case JsonObject members:
                members[path[^1]] = value;
                break;
            case JsonArray items when path[^1] == "-":
                items.Add(value);
                break;
            case JsonArray items when Index(path[^1]) is { } index && index <= items.Count:
                items.Insert(index, value);
                break;
            default:
                throw Refused($"add operation does not apply: doc is missing path: \"/{string.Join('/', path)}\": missing value");
        }
    }

    private static void Remove(JsonNode root, IReadOnlyList<string> path)
    {
        switch (Find(root, [.. path.SkipLast(1)], "remove"))
        {
            case JsonObject members when members.Remove(path[^1]):
                break;
            case JsonArray items when Index(path[^1]) is { } index && index < items.Count:
                items.RemoveAt(index);
                break;
            default:
                throw Refused($"remove operation does not apply: doc is missing path: \"/{string.Join('/', path)}\": missing value");
        }
    }

    private static JsonNode? Find(JsonNode root, IReadOnlyList<string> path, string operation)
    {
        JsonNode? value = root;
        foreach (var token in path)
        {
            value = value switch
            {
                JsonObject members when members.TryGetPropertyValue(token, out var member) => member,
                JsonArray items when Index(token) is { } index && index < items.Count => items[index],
                _ => throw Refused($"{operation} operation does not apply: doc is missing path: \"/{string.Join('/', path)}\": missing value"),
            };
        }
        return value;
    }

    private static int? Index(string token) => int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static List<string> Tokens(JsonObject operation, string member)
    {
        var pointer = (string?)operation[member] ?? "";
        if (!pointer.StartsWith('/'))
            throw Failures.BadRequest($"error decoding patch: {member} \"{pointer}\" is no JSON pointer to a part of the object");
        return [.. pointer[1..].Split('/').Select(token => token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static ApiFailure Refused(string message) => new(HttpStatusCode.UnprocessableEntity, "Invalid", $"the server rejected our request due to an error in our request: {message}");
}
