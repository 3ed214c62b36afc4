using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>Reads and writes the Rollout's spec and status. The state's discriminator may stand anywhere: the API sorts fields.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(GatewayDurationConverter), typeof(MomentConverter)])]
[JsonSerializable(typeof(RolloutSpec))]
[JsonSerializable(typeof(RolloutStatus))]
[JsonSerializable(typeof(CheckSpec))]
public sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The status as the API stores it.</summary>
    public static JsonObject Write(RolloutStatus status) => JsonSerializer.SerializeToNode(status, Default.RolloutStatus)!.AsObject();
}

/// <summary>
/// Writes moments in UTC with milliseconds. A decision and its copy that was read back have to be equal, so moments that are decided
/// upon are cut to milliseconds first (<see cref="Cut"/>).
/// </summary>
public sealed class MomentConverter : JsonConverter<DateTimeOffset>
{
    /// <summary>Cuts a moment to whole milliseconds.</summary>
    public static DateTimeOffset Cut(DateTimeOffset moment) => new(moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
