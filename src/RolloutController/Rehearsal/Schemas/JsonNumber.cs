using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>A number as an API server reads it: whole where it is written as one and fits into 64 bits, else floating.</summary>
/// <param name="Whole">The whole number; null for a floating one.</param>
/// <param name="Value">The number.</param>
internal readonly record struct JsonNumber(long? Whole, double Value)
{
    /// <summary>Whether it has no fraction, however it is written.</summary>
    public bool IsIntegral => Whole is not null || (Math.Truncate(Value) == Value && Math.Abs(Value) <= 9007199254740992);

    /// <summary>Reads a JSON number; null for anything else.</summary>
    public static JsonNumber? Of(JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return null;
        if (value.TryGetValue<long>(out var whole) || (value.TryGetValue<int>(out var small) && (whole = small) == small))
            return new(whole, whole);
        if (value.TryGetValue<double>(out var number) && value.TryGetValue<JsonElement>(out _))
            return new(null, number);
        var text = value.ToJsonString();
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole)
            ? new(whole, whole)
            : new(null, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    /// <summary>The number as messages write it.</summary>
    public override string ToString() => Whole?.ToString(CultureInfo.InvariantCulture) ?? GoText.Number(Value);
}
