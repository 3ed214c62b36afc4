namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>The operators that take values; those that decide what is evaluated are in <see cref="CelJunction"/> and <see cref="CelConditional"/>.</summary>
internal static class CelOperators
{
    /// <summary><c>!a</c>.</summary>
    public static CelFunction Not { get; } = values => values[0] is CelBool value ? CelBool.Of(!value.Value) : CelError.NoSuchOverload;

    /// <summary><c>-a</c>.</summary>
    public static CelFunction Negate { get; } = values => values[0] switch
    {
        CelInt { Value: long.MinValue } => CelError.IntegerOverflow,
        CelInt number => new CelInt(-number.Value),
        CelDouble number => new CelDouble(-number.Value),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>a[b]</c>.</summary>
    public static CelFunction Index { get; } = values => (values[0], values[1]) switch
    {
        (CelList list, CelInt index) => At(list, index.Value),
        (CelList list, CelDouble index) when Math.Truncate(index.Value) == index.Value => At(list, (long)index.Value),
        (CelMap map, var key) => map.Find(key) ?? CelError.NoSuchKey(CelText.Of(key)),
        _ => CelError.NoSuchOverload,
    };

    /// <summary>An operator between two values.</summary>
    public static CelFunction Binary(string symbol) => symbol switch
    {
        "==" => values => CelBool.Of(CelEquality.Equal(values[0], values[1])),
        "!=" => values => CelBool.Of(!CelEquality.Equal(values[0], values[1])),
        "<" => Order(order => order < 0),
        "<=" => Order(order => order <= 0),
        ">" => Order(order => order > 0),
        ">=" => Order(order => order >= 0),
        "in" => In,
        "+" => CelArithmetic.Add,
        "-" => CelArithmetic.Subtract,
        "*" => CelArithmetic.Multiply,
        "/" => CelArithmetic.Divide,
        "%" => CelArithmetic.Remainder,
        _ => throw new ArgumentException($"There is no operator {symbol}.", nameof(symbol)),
    };

    private static CelValue At(CelList list, long index) =>
        index >= 0 && index < list.Count ? list[(int)index] : new CelError($"index out of bounds: {index}");

    private static CelFunction Order(Func<int, bool> holds) => values => CelEquality.HasOrder(values[0], values[1])
        ? CelBool.Of(CelEquality.Compare(values[0], values[1]) is { } order && holds(order))
        : CelError.NoSuchOverload;

    private static CelValue In(IReadOnlyList<CelValue> values) => values[1] switch
    {
        CelList list => CelBool.Of(list.Items.Any(item => CelEquality.Equal(item, values[0]))),
        CelMap map => CelBool.Of(map.Find(values[0]) is not null),
        _ => CelError.NoSuchOverload,
    };
}
