namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Arithmetic. Whole numbers that overflow are errors; a whole number and a floating-point one do not mix.</summary>
internal static class CelArithmetic
{
    private static readonly CelError OutOfRange = new("timestamp overflow");

    /// <summary><c>a + b</c>.</summary>
    public static CelValue Add(IReadOnlyList<CelValue> values) => (values[0], values[1]) switch
    {
        (CelInt a, CelInt b) => Whole((Int128)a.Value + b.Value),
        (CelDouble a, CelDouble b) => new CelDouble(a.Value + b.Value),
        (CelString a, CelString b) => new CelString(a.Value + b.Value),
        (CelList a, CelList b) => new CelListOf([.. a.Items, .. b.Items]),
        (CelDuration a, CelDuration b) => Length((Int128)a.Nanoseconds + b.Nanoseconds),
        (CelTimestamp a, CelDuration b) => Moment(a, b.Nanoseconds),
        (CelDuration a, CelTimestamp b) => Moment(b, a.Nanoseconds),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>a - b</c>.</summary>
    public static CelValue Subtract(IReadOnlyList<CelValue> values) => (values[0], values[1]) switch
    {
        (CelInt a, CelInt b) => Whole((Int128)a.Value - b.Value),
        (CelDouble a, CelDouble b) => new CelDouble(a.Value - b.Value),
        (CelDuration a, CelDuration b) => Length((Int128)a.Nanoseconds - b.Nanoseconds),
        (CelTimestamp a, CelDuration b) => Moment(a, -(Int128)b.Nanoseconds),
        (CelTimestamp a, CelTimestamp b) => Length((Int128)(a.Value - b.Value).Ticks * TimeSpan.NanosecondsPerTick),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>a * b</c>.</summary>
    public static CelValue Multiply(IReadOnlyList<CelValue> values) => (values[0], values[1]) switch
    {
        (CelInt a, CelInt b) => Whole((Int128)a.Value * b.Value),
        (CelDouble a, CelDouble b) => new CelDouble(a.Value * b.Value),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>a / b</c>.</summary>
    public static CelValue Divide(IReadOnlyList<CelValue> values) => (values[0], values[1]) switch
    {
        (CelInt, CelInt { Value: 0 }) => new CelError("division by zero"),
        (CelInt a, CelInt b) => Whole((Int128)a.Value / b.Value),
        (CelDouble a, CelDouble b) => new CelDouble(a.Value / b.Value),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>a % b</c>.</summary>
    public static CelValue Remainder(IReadOnlyList<CelValue> values) => (values[0], values[1]) switch
    {
        (CelInt, CelInt { Value: 0 }) => new CelError("modulus by zero"),
        (CelInt { Value: long.MinValue }, CelInt { Value: -1 }) => CelError.IntegerOverflow,
        (CelInt a, CelInt b) => Whole((Int128)a.Value % b.Value),
        _ => CelError.NoSuchOverload,
    };

    /// <summary>A whole number of 64 bits, or the error of one that does not fit.</summary>
    public static CelValue Whole(Int128 value) =>
        value >= long.MinValue && value <= long.MaxValue ? new CelInt((long)value) : CelError.IntegerOverflow;

    private static CelValue Length(Int128 nanoseconds) =>
        Whole(nanoseconds) is CelInt whole ? new CelDuration(whole.Value) : new CelError("duration overflow");

    private static CelValue Moment(CelTimestamp start, Int128 nanoseconds)
    {
        var ticks = start.Value.UtcTicks + nanoseconds / TimeSpan.NanosecondsPerTick;
        return ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks
            ? new CelTimestamp(new DateTimeOffset((long)ticks, TimeSpan.Zero))
            : OutOfRange;
    }
}
