namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Functions of lists, as Kubernetes adds them; indexOf is one of strings too.</summary>
internal static class CelLists
{
    /// <summary>A member function of lists; null when there is none.</summary>
    public static CelFunction? Find(string name, int count) => (name, count) switch
    {
        ("isSorted", 0) => IsSorted,
        ("sum", 0) => Sum,
        ("min", 0) => values => Extreme(values[0], "min", order => order < 0),
        ("max", 0) => values => Extreme(values[0], "max", order => order > 0),
        ("indexOf", 1) => values => Position(values, (list, found) => list.FindIndex(found), (text, part) => text.IndexOf(part, StringComparison.Ordinal)),
        ("lastIndexOf", 1) => values => Position(values, (list, found) => list.FindLastIndex(found), (text, part) => text.LastIndexOf(part, StringComparison.Ordinal)),
        _ => null,
    };

    private static CelValue IsSorted(IReadOnlyList<CelValue> values)
    {
        if (values[0] is not CelList list)
            return CelError.NoSuchOverload;
        for (var i = 1; i < list.Count; i++)
        {
            if (!CelEquality.HasOrder(list[i - 1], list[i]))
                return CelError.NoSuchOverload;
            if (CelEquality.Compare(list[i - 1], list[i]) is > 0)
                return CelBool.False;
        }

        return CelBool.True;
    }

    private static CelValue Sum(IReadOnlyList<CelValue> values)
    {
        if (values[0] is not CelList list)
            return CelError.NoSuchOverload;
        if (list.Count == 0)
            return new CelInt(0);
        var sum = list[0] is CelInt or CelDouble or CelDuration ? list[0] : CelError.NoSuchOverload;
        for (var i = 1; i < list.Count && sum is not CelError; i++)
            sum = CelArithmetic.Add([sum, list[i]]);
        return sum;
    }

    private static CelValue Extreme(CelValue value, string name, Func<int, bool> isBetter)
    {
        if (value is not CelList list)
            return CelError.NoSuchOverload;
        if (list.Count == 0)
            return new CelError($"{name} called on empty list");
        var best = list[0];
        foreach (var item in list.Items.Skip(1))
        {
            if (!CelEquality.HasOrder(item, best))
                return CelError.NoSuchOverload;
            if (CelEquality.Compare(item, best) is { } order && isBetter(order))
                best = item;
        }

        return best;
    }

    private static CelValue Position(
        IReadOnlyList<CelValue> values, Func<List<CelValue>, Predicate<CelValue>, int> inList, Func<string, string, int> inText) => values switch
        {
            [CelList list, var sought] => new CelInt(inList([.. list.Items], item => CelEquality.Equal(item, sought))),
            [CelString text, CelString part] => new CelInt(inText(text.Value, part.Value) is var at and > 0 ? CelStrings.Length(text.Value[..at]) : inText(text.Value, part.Value)),
            _ => CelError.NoSuchOverload,
        };
}
