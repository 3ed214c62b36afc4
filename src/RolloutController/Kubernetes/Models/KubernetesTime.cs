using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Kubernetes;

/// <summary>Writes the two kinds of time that the Kubernetes API knows.</summary>
public static class KubernetesTime
{
    /// <summary>Writes a <c>Time</c>: RFC 3339 in UTC, whole seconds.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>
    /// Writes a <c>MicroTime</c>: RFC 3339 in UTC with six digits of fraction, zeros too. The API parses it by the layout
    /// <c>RFC3339Micro</c> (apimachinery <c>meta/v1/micro_time.go</c>), which refuses any other count of digits.
    /// </summary>
    public static string FormatMicro(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>Reads a <c>Time</c> that may be null: Go writes its zero time so.</summary>
internal sealed class KubernetesTimeConverter : JsonConverter<DateTimeOffset>
{
    public override bool HandleNull => true;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType is JsonTokenType.Null ? default : reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(KubernetesTime.Format(value));
}
