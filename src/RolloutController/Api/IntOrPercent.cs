using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>A count of pods, or a percentage of the replicas, as a Deployment writes its limits.</summary>
[JsonConverter(typeof(IntOrPercentConverter))]
public readonly record struct IntOrPercent
{
    private IntOrPercent(int value, bool isPercent) => (Value, IsPercent) = (value, isPercent);

    /// <summary>The count, or the percentage.</summary>
    public int Value { get; }

    /// <summary>Whether the value is a percentage.</summary>
    public bool IsPercent { get; }

    /// <summary>A count of pods.</summary>
    public static IntOrPercent Count(int value) => new(value, isPercent: false);

    /// <summary>A percentage of the replicas.</summary>
    public static IntOrPercent Percent(int value) => new(value, isPercent: true);

    /// <summary>Pods out of a number of replicas, parts of a pod rounded up.</summary>
    public int RoundedUp(int replicas) => IsPercent ? (int)(((long)replicas * Value + 99) / 100) : Value;

    /// <summary>Pods out of a number of replicas, parts of a pod rounded down.</summary>
    public int RoundedDown(int replicas) => IsPercent ? (int)((long)replicas * Value / 100) : Value;

    /// <inheritdoc/>
    public override string ToString() => IsPercent ? $"{Value}%" : Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads a whole number or a percent string.</summary>
internal sealed class IntOrPercentConverter : JsonConverter<IntOrPercent>
{
    public override IntOrPercent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
            return IntOrPercent.Count(reader.GetInt32());
        var text = reader.GetString() ?? "";
        return text.EndsWith('%') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
            ? IntOrPercent.Percent(percent)
            : throw new JsonException($"'{text}' is neither a count nor a percentage; write 2 or 25%");
    }

    public override void Write(Utf8JsonWriter writer, IntOrPercent value, JsonSerializerOptions options)
    {
        if (value.IsPercent)
            writer.WriteStringValue(value.ToString());
        else
            writer.WriteNumberValue(value.Value);
    }
}
