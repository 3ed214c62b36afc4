using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Writes numbers without a fraction as an API server stores them: <c>5.0</c> and <c>5e0</c> come back as <c>5</c>.</summary>
internal static class WholeNumbers
{
    /// <summary>Brings all numbers of an object into that form.</summary>
    public static void Write(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                foreach (var (name, value) in map.Where(member => member.Value is not null).ToList())
                {
                    if (Whole(value) is { } whole)
                        map[name] = whole;
                    else
                        Write(value);
                }

                break;
            case JsonArray list:
                for (var index = 0; index < list.Count; index++)
                {
                    if (Whole(list[index]) is { } whole)
                        list[index] = whole;
                    else
                        Write(list[index]);
                }

                break;
        }
    }

    private static long? Whole(JsonNode? node) =>
        node is JsonValue && node.GetValueKind() == JsonValueKind.Number && JsonNumber.Of(node) is { Whole: null, IsIntegral: true, Value: var value } ? (long)value : null;
}
