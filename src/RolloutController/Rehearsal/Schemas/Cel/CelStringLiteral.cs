using System.Globalization;
using System.Text;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Reads the inside of a string literal.</summary>
internal static class CelStringLiteral
{
    /// <summary>Reads up to and over the closing quote; null when there is none.</summary>
    /// <exception cref="CelSyntaxException">An escape that is none.</exception>
    public static string? Read(string text, ref int position, string quote, bool isRaw)
    {
        var value = new StringBuilder();
        while (position < text.Length)
        {
            if (text.AsSpan(position).StartsWith(quote))
            {
                position += quote.Length;
                return value.ToString();
            }

            if (quote.Length == 1 && text[position] is '\n' or '\r')
                return null;
            if (text[position] == '\\' && !isRaw)
                Escape(text, ref position, value);
            else
                value.Append(text[position++]);
        }

        return null;
    }

    private static void Escape(string text, ref int position, StringBuilder value)
    {
        var start = position++;
        var kind = position < text.Length ? text[position++] : '\0';
        var (digits, radix) = kind switch { 'x' or 'X' => (2, 16), 'u' => (4, 16), 'U' => (8, 16), >= '0' and <= '3' => (3, 8), _ => (0, 0) };
        if (digits == 0)
        {
            value.Append(Simple(kind) ?? throw new CelSyntaxException(text, start, $"\\{kind} is no escape"));
            return;
        }

        if (radix == 8)
            position--;
        var number = position + digits <= text.Length ? CodePoint(text.AsSpan(position, digits), radix) : null;
        value.Append(number is { } code && Rune.IsValid(code) ? new Rune(code).ToString() : throw new CelSyntaxException(text, start, "this escape is no character"));
        position += digits;
    }

    private static int? CodePoint(ReadOnlySpan<char> digits, int radix)
    {
        if (radix == 16)
            return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : null;
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
                return null;
            number = number * 8 + (digit - '0');
        }

        return number;
    }

    private static char? Simple(char kind) => kind switch
    {
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\v',
        '\\' or '?' or '"' or '\'' or '`' => kind,
        _ => null,
    };
}
