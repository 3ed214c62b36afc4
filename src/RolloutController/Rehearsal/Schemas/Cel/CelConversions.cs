using System.Globalization;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Conversions between types.</summary>
internal static class CelConversions
{
    /// <summary><c>int(a)</c>: a double is cut off, a moment is its second.</summary>
    public static CelValue ToInt(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelInt number => number,
        CelDouble { Value: > -9223372036854775808.0 and < 9223372036854775808.0 } number => new CelInt((long)number.Value),
        CelDouble => CelError.IntegerOverflow,
        CelString text when long.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new CelInt(number),
        CelString text => CelError.Conversion(text, "int"),
        CelTimestamp moment => new CelInt(moment.Value.ToUnixTimeSeconds()),
        CelDuration length => new CelInt(length.Nanoseconds),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>double(a)</c>.</summary>
    public static CelValue ToDouble(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelDouble number => number,
        CelInt number => new CelDouble(number.Value),
        CelString text => Number(text.Value) is { } number ? new CelDouble(number) : CelError.Conversion(text, "double"),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>string(a)</c>.</summary>
    public static CelValue ToText(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelString or CelInt or CelDouble or CelBool or CelDuration or CelTimestamp => new CelString(CelText.Of(values[0])),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>bool(a)</c>.</summary>
    public static CelValue ToBool(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelBool value => value,
        CelString { Value: "1" or "t" or "T" or "true" or "TRUE" or "True" } => CelBool.True,
        CelString { Value: "0" or "f" or "F" or "false" or "FALSE" or "False" } => CelBool.False,
        CelString text => CelError.Conversion(text, "bool"),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>duration(a)</c>.</summary>
    public static CelValue ToDuration(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelDuration length => length,
        CelInt nanoseconds => new CelDuration(nanoseconds.Value),
        CelString text => CelDurations.Parse(text.Value) is { } nanoseconds ? new CelDuration(nanoseconds) : CelError.Conversion(text, "google.protobuf.Duration"),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>timestamp(a)</c>.</summary>
    public static CelValue ToTimestamp(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelTimestamp moment => moment,
        CelInt { Value: >= -62135596800 and <= 253402300799 } seconds => new CelTimestamp(DateTimeOffset.FromUnixTimeSeconds(seconds.Value)),
        CelString text => Moment(text.Value) is { } moment ? new CelTimestamp(moment) : new CelError($"invalid RFC 3339 timestamp {GoText.Quote(text.Value)}"),
        CelInt => new CelError("timestamp overflow"),
        _ => CelError.NoSuchOverload,
    };

    /// <summary>A moment as RFC 3339 writes it; null when the text is none.</summary>
    public static DateTimeOffset? Moment(string text) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
        && (text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-'))
            ? moment
            : null;

    private static double? Number(string text) => text.ToUpperInvariant().TrimStart('+', '-') switch
    {
        "INF" or "INFINITY" => text.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity,
        "NAN" => double.NaN,
        _ when text.Length == text.Trim().Length
            && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number) => number,
        _ => null,
    };
}
