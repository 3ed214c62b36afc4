using System.Globalization;
using System.Numerics;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>An amount of a resource, such as <c>500m</c>, <c>1.5Gi</c> or <c>1e3</c>, exact to a billionth.</summary>
internal readonly record struct Quantity
{
    /// <summary>What is said of a text that is none.</summary>
    public const string Rule =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly BigInteger Billion = 1_000_000_000;

    private readonly BigInteger _billionths;
    private readonly Form _form;

    private Quantity(BigInteger billionths, Form form) => (_billionths, _form) = (billionths, form);

    private enum Form
    {
        Decimal,
        Binary,
        Exponent,
    }

    /// <summary>-1, 0 or 1, as the amount is less than nothing, nothing or more.</summary>
    public int Sign => _billionths.Sign;

    /// <summary>Reads an amount; null when the text is none.</summary>
    public static Quantity? Parse(string text)
    {
        var end = text.AsSpan().IndexOfAnyExcept("+-.0123456789".AsSpan());
        var digits = end < 0 ? text : text[..end];
        if (!decimal.TryParse(digits, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;
        var suffix = end < 0 ? "" : text[end..];
        if (Array.IndexOf(Binary, suffix) is var power and > 0)
            return Of(number, BigInteger.Pow(1024, power), 1, Form.Binary);
        if (Array.IndexOf(Decimal, suffix) is var place and >= 0)
            return Scaled(number, 3 * (place - 3), Form.Decimal);
        return suffix[0] is 'e' or 'E' && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && Math.Abs(exponent) < 100
            ? Scaled(number, exponent, Form.Exponent)
            : null;
    }

    /// <summary>The amount, rounded up to a thousandth.</summary>
    public Quantity RoundedUp()
    {
        const int Thousandth = 1_000_000;
        var rest = BigInteger.Remainder(_billionths, Thousandth);
        return rest.IsZero ? this : new(_billionths - rest + (rest.Sign > 0 ? Thousandth : 0), _form);
    }

    /// <summary>Compares two amounts.</summary>
    public int CompareTo(Quantity other) => _billionths.CompareTo(other._billionths);

    /// <summary>The canonical form: a whole number with the largest suffix that allows it.</summary>
    public override string ToString()
    {
        if (_billionths.IsZero)
            return "0";
        // Small binary amounts are written as decimal ones.
        return _form == Form.Binary && BigInteger.Abs(_billionths) >= 1024 * Billion ? InBinary() : InDecimal();
    }

    private static Quantity Scaled(decimal number, int exponent, Form form) =>
        exponent >= 0 ? Of(number, BigInteger.Pow(10, exponent), 1, form) : Of(number, 1, BigInteger.Pow(10, -exponent), form);

    /// <summary>A fraction of a billionth is rounded up, away from nothing.</summary>
    private static Quantity Of(decimal number, BigInteger factor, BigInteger divisor, Form form)
    {
        var scale = BigInteger.Pow(10, number.Scale);
        var whole = (BigInteger)(number * (decimal)Math.Pow(10, number.Scale));
        var (result, rest) = BigInteger.DivRem(whole * factor * Billion, divisor * scale);
        return new(rest.IsZero ? result : result + rest.Sign, form);
    }

    private string InBinary()
    {
        var (amount, rest) = BigInteger.DivRem(_billionths, Billion);
        if (!rest.IsZero)
            amount += rest.Sign;
        var power = 0;
        for (; power < Binary.Length - 1 && (amount % 1024).IsZero; power++)
            amount /= 1024;
        return amount + Binary[power];
    }

    private string InDecimal()
    {
        var (amount, place) = (_billionths, 0);
        for (; place < Decimal.Length - 1 && (amount % 1000).IsZero; place++)
            amount /= 1000;
        if (_form != Form.Exponent)
            return amount + Decimal[place];
        return place == 3 ? amount.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{amount}e{3 * (place - 3)}");
    }
}
