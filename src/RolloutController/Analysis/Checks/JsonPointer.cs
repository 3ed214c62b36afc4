using System.Globalization;
using System.Text.Json;

namespace RolloutController.Analysis.Checks;

/// <summary>Finds a place in a JSON document (RFC 6901).</summary>
internal static class JsonPointer
{
    /// <summary>What stands at a place; null where there is no such place.</summary>
    /// <param name="root">The document.</param>
    /// <param name="pointer">The pointer: empty for the whole document, else a slash before each name or index.</param>
    public static JsonElement? Find(JsonElement root, string pointer)
    {
        JsonElement? at = root;
        foreach (var token in pointer.Split('/').Skip(1))
            at = at is { } here ? Child(here, token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)) : null;
        return at;
    }

    private static JsonElement? Child(JsonElement parent, string name) => parent.ValueKind switch
    {
        JsonValueKind.Object when parent.TryGetProperty(name, out var member) => member,
        JsonValueKind.Array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < parent.GetArrayLength() => parent[index],
        _ => null,
    };
}
