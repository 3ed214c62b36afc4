using System.Text;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Equality and order of values. Numbers are compared by value, whatever their type; other types never equal each other.</summary>
internal static class CelEquality
{
    /// <summary>Whether two values are equal.</summary>
    public static bool Equal(CelValue left, CelValue right) => (left, right) switch
    {
        (CelInt a, CelInt b) => a.Value == b.Value,
        (CelInt or CelDouble, CelInt or CelDouble) => CompareNumbers(left, right) == 0,
        (CelList { IsOrdered: false } a, CelList b) => a.Count == b.Count && a.Items.All(item => b.Items.Any(other => Equal(item, other))),
        (CelList a, CelList b) => a.Count == b.Count && Enumerable.Range(0, a.Count).All(i => Equal(a[i], b[i])),
        (CelMap a, CelMap b) => a.Count == b.Count && a.Keys.All(key => b.Find(key) is { } other && Equal(a.Find(key)!, other)),
        (CelList or CelMap, _) or (_, CelList or CelMap) => false,
        _ => left == right,
    };

    /// <summary>Compares two values; null when their types have no order, or with a value that is not a number.</summary>
    public static int? Compare(CelValue left, CelValue right) => (left, right) switch
    {
        (CelInt a, CelInt b) => a.Value.CompareTo(b.Value),
        (CelInt or CelDouble, CelInt or CelDouble) => CompareNumbers(left, right),
        (CelString a, CelString b) => CompareText(a.Value, b.Value),
        (CelBool a, CelBool b) => a.Value.CompareTo(b.Value),
        (CelDuration a, CelDuration b) => a.Nanoseconds.CompareTo(b.Nanoseconds),
        (CelTimestamp a, CelTimestamp b) => a.Value.CompareTo(b.Value),
        _ => null,
    };

    /// <summary>Whether two values have an order at all, even if NaN leaves it open.</summary>
    public static bool HasOrder(CelValue left, CelValue right) => (left, right) is
        (CelInt or CelDouble, CelInt or CelDouble) or (CelString, CelString) or (CelBool, CelBool)
        or (CelDuration, CelDuration) or (CelTimestamp, CelTimestamp);

    private static int? CompareNumbers(CelValue left, CelValue right) => (left, right) switch
    {
        (CelDouble a, CelDouble b) => CompareDoubles(a.Value, b.Value),
        (CelInt a, CelDouble b) => CompareMixed(a.Value, b.Value),
        (CelDouble a, CelInt b) => -CompareMixed(b.Value, a.Value),
        _ => null,
    };

    private static int? CompareDoubles(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a < b ? -1 : a > b ? 1 : 0;

    /// <summary>Compares without rounding the whole number, which may have more digits than a double holds.</summary>
    private static int? CompareMixed(long whole, double number) => number switch
    {
        double.NaN => null,
        >= 9223372036854775808.0 => -1,
        < -9223372036854775808.0 => 1,
        _ => whole.CompareTo((long)Math.Truncate(number)) is var order and not 0 ? order : 0.0.CompareTo(number - Math.Truncate(number)),
    };

    /// <summary>By code points, which is the order of UTF-8 and not that of UTF-16.</summary>
    private static int CompareText(string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b));
}
