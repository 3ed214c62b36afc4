using System.Globalization;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>, <c>-250ms</c>.</summary>
internal static class CelDurations
{
    private const decimal Hour = 3_600_000_000_000;

    /// <summary>A member function of durations; null when there is none.</summary>
    public static CelFunction? Find(string name, int count) => (name, count) switch
    {
        ("getHours", 0) => Part(3_600_000_000_000),
        ("getMinutes", 0) => Part(60_000_000_000),
        ("getSeconds", 0) => Part(1_000_000_000),
        // The milliseconds within the second are meant, by the language definition.
        ("getMilliseconds", 0) => values => values[0] is CelDuration length ? new CelInt(length.Nanoseconds / 1_000_000 % 1000) : CelError.NoSuchOverload,
        _ => null,
    };

    /// <summary>Reads a duration; null when the text is none, or longer than 64 bits of nanoseconds.</summary>
    public static long? Parse(string text)
    {
        var isNegative = text.StartsWith('-');
        var rest = text.AsSpan(isNegative || text.StartsWith('+') ? 1 : 0);
        if (rest is "0")
            return 0;
        var total = 0m;
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            var digits = Span(rest, c => char.IsAsciiDigit(c) || c == '.');
            var unit = Span(rest[digits..], c => !char.IsAsciiDigit(c) && c != '.');
            if (!decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                || Unit(rest.Slice(digits, unit)) is not { } nanoseconds || number > long.MaxValue)
                return null;
            total += decimal.Truncate(number * nanoseconds);
            rest = rest[(digits + unit)..];
            if (total > (decimal)long.MaxValue + (isNegative ? 1 : 0))
                return null;
        }

        return (long)(isNegative ? -total : total);
    }

    private static decimal? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 1,
        "us" or "µs" or "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => Hour / 60,
        "h" => Hour,
        _ => null,
    };

    private static int Span(ReadOnlySpan<char> text, Func<char, bool> belongs)
    {
        var length = 0;
        while (length < text.Length && belongs(text[length]))
            length++;
        return length;
    }

    private static CelFunction Part(long nanoseconds) => values =>
        values[0] is CelDuration length ? new CelInt(length.Nanoseconds / nanoseconds) : CelError.NoSuchOverload;
}
