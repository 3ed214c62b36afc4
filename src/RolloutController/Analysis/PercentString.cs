using System.Globalization;

namespace RolloutController.Analysis;

/// <summary>Rates as people write and read them: <c>0.5%</c>.</summary>
public static class PercentString
{
    /// <summary>Reads a percent string into a fraction: <c>0.5%</c> is 0.005.</summary>
    /// <param name="text">Up to four decimals and a percent sign, above 0 and at most 100.</param>
    /// <exception cref="FormatException">The text is no such percent string; the message says what to write.</exception>
    public static double Parse(string text) => Read(text) is { } percent and > 0 and <= 100
        // Divided as a decimal, so that 0.1% becomes the double nearest to 0.001.
        ? (double)(percent / 100)
        : throw new FormatException("A rate is written as a percentage above 0% and at most 100% with up to four decimals, such as \"0.5%\".");

    /// <summary>Reads how much more something may be into a factor: <c>50%</c> is 1.5.</summary>
    /// <param name="text">Up to four decimals and a percent sign, from 0 to 1000.</param>
    /// <exception cref="FormatException">The text is no such percent string; the message says what to write.</exception>
    public static double ParseIncrease(string text) => Read(text) is { } percent and >= 0 and <= 1000
        ? (double)(1 + (percent / 100))
        : throw new FormatException("An increase is written as a percentage from 0% to 1000% with up to four decimals, such as \"50%\".");

    /// <summary>Writes a fraction for a person: 0.005 is <c>0.5 %</c>, with up to <paramref name="decimals"/> decimals.</summary>
    /// <param name="fraction">The fraction; 1 is 100 %.</param>
    /// <param name="decimals">How many decimals to keep, 0 to 4.</param>
    public static string Format(double fraction, int decimals = 4) =>
        (fraction * 100).ToString("0." + new string('#', decimals), CultureInfo.InvariantCulture) + " %";

    private static decimal? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.EndsWith('%')
            && decimal.TryParse(text.AsSpan(..^1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent.Scale <= 4
            ? percent
            : null;
    }
}
