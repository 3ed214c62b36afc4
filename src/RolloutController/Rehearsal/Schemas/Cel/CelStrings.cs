using System.Text;
using System.Text.RegularExpressions;

namespace RolloutController.Rehearsal.Schemas.Cel;

/// <summary>Functions of strings. Positions and lengths count code points.</summary>
internal static class CelStrings
{
    /// <summary>A member function of strings; null when there is none.</summary>
    public static CelFunction? Find(string name, int count) => (name, count) switch
    {
        ("startsWith", 1) => Test((text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ("endsWith", 1) => Test((text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ("contains", 1) => Test((text, part) => text.Contains(part, StringComparison.Ordinal)),
        ("lowerAscii", 0) => Change(text => string.Concat(text.Select(c => c is >= 'A' and <= 'Z' ? (char)(c + 32) : c))),
        ("upperAscii", 0) => Change(text => string.Concat(text.Select(c => c is >= 'a' and <= 'z' ? (char)(c - 32) : c))),
        ("trim", 0) => Change(text => text.Trim()),
        ("replace", 2) => Replace,
        ("split", 1) => Split,
        ("substring", 1 or 2) => Substring,
        ("charAt", 1) => CharacterAt,
        ("join", 0 or 1) => Join,
        _ => null,
    };

    /// <summary><c>size</c> of a string, list or map.</summary>
    public static CelValue Size(IReadOnlyList<CelValue> values) => values[0] switch
    {
        CelString text => new CelInt(Length(text.Value)),
        CelList list => new CelInt(list.Count),
        CelMap map => new CelInt(map.Count),
        _ => CelError.NoSuchOverload,
    };

    /// <summary><c>matches</c> by a pattern that is only known when it is called.</summary>
    public static CelValue Matches(IReadOnlyList<CelValue> values)
    {
        if (values is not [CelString, CelString pattern])
            return CelError.NoSuchOverload;
        try
        {
            return Matches(pattern.Value)(values);
        }
        catch (NotSupportedException problem)
        {
            return new CelError(problem.Message);
        }
    }

    /// <summary><c>matches</c> by a known pattern.</summary>
    /// <exception cref="NotSupportedException">The pattern is none, or cannot be had here.</exception>
    public static CelFunction Matches(string pattern)
    {
        Regex regex;
        try
        {
            regex = Re2Pattern.Compile(pattern);
        }
        catch (ArgumentException problem)
        {
            throw new NotSupportedException($"error parsing regexp: {problem.Message}", problem);
        }

        return values => values[0] is CelString text ? CelBool.Of(regex.IsMatch(text.Value)) : CelError.NoSuchOverload;
    }

    /// <summary>How many code points a string has.</summary>
    public static int Length(string text) => text.EnumerateRunes().Count();

    private static CelFunction Test(Func<string, string, bool> holds) => values =>
        values is [CelString text, CelString part] ? CelBool.Of(holds(text.Value, part.Value)) : CelError.NoSuchOverload;

    private static CelFunction Change(Func<string, string> change) => values =>
        values is [CelString text] ? new CelString(change(text.Value)) : CelError.NoSuchOverload;

    private static CelValue Replace(IReadOnlyList<CelValue> values) => values switch
    {
        [CelString text, CelString { Value: "" } part, CelString other] =>
            new CelString(other.Value + string.Concat(text.Value.EnumerateRunes().Select(rune => rune + other.Value)) + part.Value),
        [CelString text, CelString part, CelString other] => new CelString(text.Value.Replace(part.Value, other.Value, StringComparison.Ordinal)),
        _ => CelError.NoSuchOverload,
    };

    private static CelValue Split(IReadOnlyList<CelValue> values) => values switch
    {
        [CelString text, CelString { Value: "" }] => Texts(text.Value.EnumerateRunes().Select(rune => rune.ToString())),
        [CelString text, CelString separator] => Texts(text.Value.Split(separator.Value)),
        _ => CelError.NoSuchOverload,
    };

    private static CelListOf Texts(IEnumerable<string> texts) => new([.. texts.Select(text => new CelString(text))]);

    private static CelValue Substring(IReadOnlyList<CelValue> values)
    {
        if (values is not [CelString { Value: var text }, CelInt { Value: var start }, ..] || values is [_, _, not CelInt])
            return CelError.NoSuchOverload;
        var runes = text.EnumerateRunes().ToList();
        var end = values is [_, _, CelInt last] ? last.Value : runes.Count;
        if (start < 0 || start > runes.Count)
            return new CelError($"index out of range: {start}");
        if (end < 0 || end > runes.Count)
            return new CelError($"index out of range: {end}");
        return start > end
            ? new CelError($"invalid substring range. start: {start}, end: {end}")
            : new CelString(string.Concat(runes[(int)start..(int)end]));
    }

    private static CelValue CharacterAt(IReadOnlyList<CelValue> values)
    {
        if (values is not [CelString { Value: var text }, CelInt { Value: var index }])
            return CelError.NoSuchOverload;
        var runes = text.EnumerateRunes().ToList();
        return index < 0 || index > runes.Count ? new CelError($"index out of range: {index}")
            : new CelString(index == runes.Count ? "" : runes[(int)index].ToString());
    }

    private static CelValue Join(IReadOnlyList<CelValue> values)
    {
        if (values[0] is not CelList list || (values.Count == 2 && values[1] is not CelString))
            return CelError.NoSuchOverload;
        var separator = values is [_, CelString given] ? given.Value : "";
        var text = new StringBuilder();
        foreach (var item in list.Items)
        {
            if (item is not CelString part)
                return CelError.NoSuchOverload;
            text.Append(text.Length > 0 || !ReferenceEquals(item, list[0]) ? separator : "").Append(part.Value);
        }

        return new CelString(text.ToString());
    }
}
