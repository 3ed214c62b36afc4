using System.Text.Json.Nodes;

namespace RolloutController.Api;

/// <summary>
/// Cuts what a status says to the lengths that the schema takes. Messages quote what others wrote, the API server's refusals among it, and a
/// status that is too long is refused: then nothing could rest on it, and nobody would be told why.
/// </summary>
public static class StatusBounds
{
    /// <summary>The fields for people, and how long each may be; in some lists they are shorter.</summary>
    private static int? LengthOf(string name, string list) => (name, list) switch
    {
        // What was asked for, which is bounded there and is to stay as it is.
        (_, "headers") => null,
        ("message", "checks" or "history") => 1024,
        ("message", _) => 4096,
        ("threshold", "checks") => 128,
        ("threshold" or "value", _) => 63,
        _ => null,
    };

    /// <summary>Cuts it in place.</summary>
    /// <param name="status">A status as JSON.</param>
    /// <returns>The same object.</returns>
    public static JsonObject Cut(JsonObject status)
    {
        Cut(status, "");
        return status;
    }

    /// <summary>
    /// Cuts a text between two characters: half of a surrogate pair is stored as another character, so that what is written would differ from
    /// what is stored for ever.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="most">How long it may be; at least 2.</param>
    /// <returns>The text, or its start and an ellipsis where it is longer.</returns>
    public static string Cut(string text, int most) => text.Length <= most ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1), "…");

    private static void Cut(JsonObject item, string list)
    {
        foreach (var (name, value) in item.ToList())
        {
            switch (value)
            {
                case JsonObject inner:
                    Cut(inner, list);
                    break;
                case JsonArray many:
                    foreach (var one in many.OfType<JsonObject>())
                        Cut(one, name);
                    break;
                case JsonValue text when LengthOf(name, list) is { } most && text.TryGetValue<string>(out var written):
                    item[name] = Cut(written, most);
                    break;
            }
        }
    }
}
