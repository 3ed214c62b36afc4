using System.Globalization;

namespace RolloutController.Analysis;

/// <summary>What one look of a check brought. There is no other case than the five nested here.</summary>
/// <param name="Time">When it was taken, by the controller's clock.</param>
/// <param name="Message">The same for a person.</param>
public abstract record CheckLook(DateTimeOffset Time, string Message)
{
    /// <summary>All is as it should be.</summary>
    public sealed record Passed(DateTimeOffset Time, string Message) : CheckLook(Time, Message);

    /// <summary>Something is not as it should be.</summary>
    public sealed record Failed(DateTimeOffset Time, string Message) : CheckLook(Time, Message);

    /// <summary>A value, to be held against limits.</summary>
    /// <param name="Time">When it was taken.</param>
    /// <param name="Value">The value; finite.</param>
    /// <param name="Stable">The stable version's; null where nobody asked, or nobody knows.</param>
    /// <param name="Message">The same for a person.</param>
    public sealed record Measured(DateTimeOffset Time, double Value, double? Stable, string Message) : CheckLook(Time, Message);

    /// <summary>Somebody is at it, and will know.</summary>
    public sealed record Pending(DateTimeOffset Time, string Message) : CheckLook(Time, Message);

    /// <summary>Nobody knows.</summary>
    /// <param name="Time">When it was taken.</param>
    /// <param name="Class">Why; anything but <see cref="DataClass.Ok"/>.</param>
    /// <param name="Message">The same for a person.</param>
    public sealed record Unknown(DateTimeOffset Time, DataClass Class, string Message) : CheckLook(Time, Message);
}

/// <summary>Measured numbers in messages.</summary>
public static class CheckNumber
{
    /// <summary>Four digits say enough.</summary>
    public static string Format(double value) => value.ToString(Math.Abs(value) is >= 1000 or 0 ? "0" : "G4", CultureInfo.InvariantCulture);
}
