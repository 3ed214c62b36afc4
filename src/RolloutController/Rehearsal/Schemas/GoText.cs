using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas;

/// <summary>Values as the messages of an API server write them, which are Go's.</summary>
internal static class GoText
{
    /// <summary>A string in quotes (<c>%q</c>).</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
            quoted.Append(Escape(rune));
        return quoted.Append('"').ToString();
    }

    /// <summary>A value in an error: strings in quotes, objects and lists as JSON.</summary>
    public static string Value(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.String => Quote((string)value!),
        JsonValueKind.Number => JsonNumber.Of(value).ToString()!,
        _ => value.ToJsonString(),
    };

    /// <summary>A number in its shortest form (<c>%v</c>): <c>0.5</c>, <c>1e+07</c>.</summary>
    public static string Number(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
        if (number == 0)
            return double.IsNegative(number) ? "-0" : "0";
        var (digits, exponent) = Digits(Math.Abs(number));
        // strconv.FormatFloat with 'g' and the shortest precision decides by these.
        var text = exponent is < -4 or >= 6
            ? Scientific(digits, exponent)
            : Plain(digits, exponent);
        return number < 0 ? "-" + text : text;
    }

    private static string Escape(Rune rune) => rune.Value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\a' => "\\a",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\v' => "\\v",
        < 0x20 or 0x7f => $"\\x{rune.Value:x2}",
        _ => rune.ToString(),
    };

    /// <summary>The significant digits of a positive number, and the power of ten of the first.</summary>
    private static (string Digits, int Exponent) Digits(double number)
    {
        var parts = number.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = parts[0].IndexOf('.', StringComparison.Ordinal) is var at and >= 0 ? at : parts[0].Length;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        var exponent = point - 1 - leading + (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0);
        return (all.Trim('0'), exponent);
    }

    private static string Scientific(string digits, int exponent)
    {
        var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Plain(string digits, int exponent) =>
        exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
        : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
        : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
}
