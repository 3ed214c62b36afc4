using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace RolloutController.Api;

/// <summary>
/// Durations as the Gateway API writes them: one to four pairs of a whole number and a unit out of h, m, s and ms, such as
/// <c>1m30s</c> (GEP-2257).
/// </summary>
public static partial class GatewayDuration
{
    /// <summary>Reads a duration.</summary>
    /// <exception cref="FormatException">The text is not a Gateway API duration.</exception>
    public static TimeSpan Parse(string text)
    {
        if (!Form().IsMatch(text))
            throw new FormatException($"'{text}' is not a duration; write whole numbers with the units h, m, s or ms, such as 1m30s");
        return Part().Matches(text).Aggregate(TimeSpan.Zero, (sum, part) => sum + Length(part));
    }

    /// <summary>Writes a duration in its shortest form; whole milliseconds.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder();
        Append(text, (long)duration.TotalHours, "h");
        Append(text, duration.Minutes, "m");
        Append(text, duration.Seconds, "s");
        Append(text, duration.Milliseconds, "ms");
        return text.Length == 0 ? "0s" : text.ToString();
    }

    private static void Append(StringBuilder text, long count, string unit)
    {
        if (count > 0)
            text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
    }

    private static TimeSpan Length(Match part)
    {
        var count = int.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return part.Groups[2].Value switch
        {
            "h" => TimeSpan.FromHours(count),
            "m" => TimeSpan.FromMinutes(count),
            "s" => TimeSpan.FromSeconds(count),
            _ => TimeSpan.FromMilliseconds(count),
        };
    }

    [GeneratedRegex(@"^([0-9]{1,5}(h|m|s|ms)){1,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex("([0-9]{1,5})(ms|h|m|s)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}

/// <summary>Reads and writes a <see cref="TimeSpan"/> as a Gateway API duration.</summary>
internal sealed class GatewayDurationConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return GatewayDuration.Parse(reader.GetString() ?? "");
        }
        catch (FormatException wrong)
        {
            throw new JsonException(wrong.Message, wrong);
        }
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteStringValue(GatewayDuration.Format(value));
}
