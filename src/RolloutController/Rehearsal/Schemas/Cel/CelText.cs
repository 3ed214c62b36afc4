using System.Globalization;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Values as text.</summary>
internal static class CelText
{
    /// <summary>A value as <c>string()</c> and errors write it.</summary>
    public static string Of(CelValue value) => value switch
    {
        CelString text => text.Value,
        CelInt number => number.Value.ToString(CultureInfo.InvariantCulture),
        CelDouble number => GoText.Number(number.Value),
        CelBool truth => truth.Value ? "true" : "false",
        CelDuration length => Seconds(length.Nanoseconds),
        CelTimestamp moment => moment.Value.ToString(moment.Value.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
        CelType type => type.Name,
        _ => value.TypeName,
    };

    private static string Seconds(long nanoseconds) => (nanoseconds / 1_000_000_000m).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
}
