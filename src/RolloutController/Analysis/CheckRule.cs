using RolloutController.Api;

namespace RolloutController.Analysis;

/// <summary>What a check's looks come to.</summary>
/// <param name="Name">The check's name.</param>
/// <param name="Interval">The time between two looks.</param>
/// <param name="Failures">How many looks in a row have to be critical for the version to go; 1 or more.</param>
/// <param name="For">For how long they have to be critical.</param>
/// <param name="MinSamples">How many looks a step needs to be passed; 1 or more.</param>
/// <param name="OnNoData">What is done while nothing is known.</param>
/// <param name="Limits">What a measured value must not be.</param>
public sealed record CheckRule(string Name, TimeSpan Interval, int Failures, TimeSpan For, int MinSamples, NoDataAction OnNoData, ValueLimits Limits)
{
    /// <summary>The rule of a check as it is written.</summary>
    /// <param name="check">The check.</param>
    /// <param name="interval">The time between two looks where the check names none.</param>
    /// <exception cref="FormatException">A percent string is none.</exception>
    public static CheckRule Of(CheckSpec check, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(check.Name, check.Interval ?? interval, check.Failures, check.For, check.MinSamples, check.OnNoData, ValueLimits.Of(check));
    }
}

/// <summary>What a measured value must not be.</summary>
/// <param name="Warning">What holds and is told.</param>
/// <param name="Critical">What rolls back.</param>
/// <param name="MaxRatio">How many times the stable version's value it may be; null where they are not compared.</param>
public sealed record ValueLimits(LimitSpec? Warning, LimitSpec? Critical, double? MaxRatio)
{
    /// <summary>The limits of a check as it is written.</summary>
    /// <exception cref="FormatException">A percent string is none.</exception>
    public static ValueLimits Of(CheckSpec check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return new(check.Warning, check.Critical, check.MaxIncrease is { } increase ? PercentString.ParseIncrease(increase) : null);
    }

    /// <summary>Whether nothing is left to hold a value against: it is to be compared with the stable version's alone, and nobody knows that.</summary>
    /// <param name="measured">The value, and the stable version's.</param>
    public bool CannotJudge(CheckLook.Measured measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        return this is { Warning: null, Critical: null, MaxRatio: not null } && measured.Stable is null;
    }

    /// <summary>How bad a value is, and what it should have been at the worst.</summary>
    /// <param name="measured">The value, and the stable version's.</param>
    public (CheckLevel Level, string? Threshold) Judge(CheckLook.Measured measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        if (Broken(Critical, measured.Value) is { } critical)
            return (CheckLevel.Critical, critical);
        if (MaxRatio is { } ratio && measured.Stable is { } stable && measured.Value > ratio * stable)
            return (CheckLevel.Critical, $"at most {CheckNumber.Format(ratio)} times the {CheckNumber.Format(stable)} of the stable version");
        return Broken(Warning, measured.Value) is { } warning ? (CheckLevel.Warning, warning) : (CheckLevel.Normal, null);
    }

    private static string? Broken(LimitSpec? limit, double value) => limit switch
    {
        { Above: { } above } when value > (double)above.Value => $"at most {above}",
        { Below: { } below } when value < (double)below.Value => $"at least {below}",
        _ => null,
    };
}
