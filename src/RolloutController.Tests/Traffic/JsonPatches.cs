using System.Text.Json.Nodes;

namespace RolloutController.Tests.Traffic;

/// <summary>As much of RFC 6902 as the patches of routes use.</summary>
internal static class JsonPatches
{
    public static JsonObject Apply(JsonObject document, JsonNode patch)
    {
        var result = document.DeepClone().AsObject();
        foreach (var operation in patch.AsArray())
        {
            var path = operation!["path"]!.GetValue<string>().Split('/')[1..];
            var parent = path[..^1].Aggregate((JsonNode)result, Step);
            switch (operation["op"]!.GetValue<string>())
            {
                case "test":
                    if (!JsonNode.DeepEquals(Step(parent, path[^1]), operation["value"]))
                        throw new InvalidOperationException($"test failed at {operation["path"]}");
                    break;
                case "replace":
                    parent[path[^1]] = operation["value"]!.DeepClone();
                    break;
                case "add" when parent is JsonArray list:
                    list.Insert(int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture), operation["value"]!.DeepClone());
                    break;
                case "remove" when parent is JsonArray list:
                    list.RemoveAt(int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    throw new NotSupportedException(operation["op"]!.ToJsonString());
            }
        }

        return result;
    }

    private static JsonNode Step(JsonNode at, string key) =>
        at is JsonArray list ? list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)]! : at[key]!;
}
