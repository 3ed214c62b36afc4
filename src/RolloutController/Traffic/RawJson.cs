using System.Text.Json;

namespace RolloutController.Traffic;

/// <summary>Reads fields that may be absent from JSON that is kept as the API sent it.</summary>
internal static class RawJson
{
    /// <summary>The text of a field; null where it is absent or no text.</summary>
    public static string? Text(this JsonElement json, string field) =>
        Field(json, field, JsonValueKind.String)?.GetString();

    /// <summary>The integer in a field; null where it is absent or none.</summary>
    public static int? Integer(this JsonElement json, string field) =>
        Field(json, field, JsonValueKind.Number) is { } number && number.TryGetInt32(out var integer) ? integer : null;

    /// <summary>The entries of a list; none where it is absent.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement json, string field) =>
        Field(json, field, JsonValueKind.Array)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    private static JsonElement? Field(JsonElement json, string field, JsonValueKind kind) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value) && value.ValueKind == kind ? value : null;
}
