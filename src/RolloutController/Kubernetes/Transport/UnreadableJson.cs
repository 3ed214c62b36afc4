using System.Text.Json;

namespace RolloutController.Kubernetes;

/// <summary>Tells that an object cannot be read from other failures.</summary>
internal static class UnreadableJson
{
    /// <summary>
    /// Whether an exception says that JSON is not an object of a kind. Converters that read a part as raw JSON meet what no API server writes (half of
    /// a surrogate pair, a member that comes twice) by other exceptions than the one of the deserializer.
    /// </summary>
    public static bool Is(Exception exception) => exception is JsonException or InvalidOperationException or ArgumentException or FormatException;
}
