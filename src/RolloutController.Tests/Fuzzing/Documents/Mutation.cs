using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace RolloutController.Tests.Fuzzing.Documents;

/// <summary>What is done to a document.</summary>
internal enum MutationKind
{
    /// <summary>A word, number or text becomes one of <see cref="MutatedDocument.Scalars"/>.</summary>
    Replace,
    Remove,
    Repeat,
    Swap,
    /// <summary>Ends here.</summary>
    Cut,
    /// <summary>A word, number or text is put into many lists.</summary>
    Nest,
    /// <summary>Bytes that are no UTF-8.</summary>
    Garble,
}

/// <summary>One change to a document.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Place">Where: the number of a token, modulo how many there are.</param>
/// <param name="Choice">With what.</param>
internal readonly record struct Mutation(MutationKind Kind, int Place, int Choice);

/// <summary>A valid document with some changes.</summary>
/// <param name="Original">The document.</param>
/// <param name="Mutations">The changes.</param>
internal sealed partial record MutatedDocument(string Original, IReadOnlyList<Mutation> Mutations)
{
    public static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "-1", "1", "0.5", "NaN", "\"NaN\"", "nan", "\"nan\"", "Infinity", "\"Infinity\"", "-Infinity", "\"+Inf\"", "\"-Inf\"", "\"Inf\"", "\"inf\"", "\"∞\"",
        "1e999", "\"1e999\"", "-1e999", "\"-1\"", "99999999999999999999", "\"99999999999999999999\"", "9223372036854775808", "\"0x1F\"", "\"1,5\"", "\" 1\"", "\"١\"", "01", "1.", ".5", "+1", "'1'",
        "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\\"", "\"line\\nline\"", "{}", "[]", "[[]]", "[null]", "{\"a\":1,\"a\":2}", "!!binary aGFsbG8=", "*anchor", "&anchor a", "!!python/object x", "- ", "? ", "| ", "%YAML 9",
        "\"" + "x\"", "\ufeff", "漢", "\"" + new string('a', 70_000) + "\"",
    ];

    private static readonly byte[][] Garbage = [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0x00], [0xfe, 0xff], [0x1f, 0x8b, 0x08]];

    private static readonly int[] Depths = [3, 20, 70, 500, 20_000];

    /// <summary>Documents with one change to six, and the same with fewer.</summary>
    /// <param name="originals">Valid ones.</param>
    public static Arbitrary<MutatedDocument> Of(params string[] originals) => Arb.From(
        from original in Gen.Elements(originals)
        from count in Gen.Choose(1, 6)
        from mutations in Gen.ArrayOf(
            from kind in Gen.Frequency((8, Gen.Constant(MutationKind.Replace)), (5, Gen.Elements(Enum.GetValues<MutationKind>())))
            from place in Gen.Choose(0, 10_000)
            from choice in Gen.Choose(0, 10_000)
            select new Mutation(kind, place, choice), count)
        select new MutatedDocument(original, mutations),
        document => document.Mutations.Select((_, left) => document with { Mutations = [.. document.Mutations.Where((_, place) => place != left)] }));

    /// <summary>The document with the changes.</summary>
    public byte[] Bytes()
    {
        var tokens = Token().Matches(Original).Select(match => Encoding.UTF8.GetBytes(match.Value)).ToList();
        foreach (var mutation in Mutations.Where(_ => tokens.Count > 0))
            Apply(tokens, mutation);
        return [.. tokens.SelectMany(token => token)];
    }

    /// <summary>The text, as far as it is one.</summary>
    public override string ToString()
    {
        var text = Encoding.UTF8.GetString(Bytes());
        return $"{string.Join(", ", Mutations)} of {(Original.Length > 60 ? Original[..60] : Original)}…:\n{(text.Length > 1500 ? text[..1500] + "…" : text)}";
    }

    private static void Apply(List<byte[]> tokens, Mutation mutation)
    {
        var place = mutation.Place % tokens.Count;
        switch (mutation.Kind)
        {
            case MutationKind.Replace:
                tokens[WordAt(tokens, place)] = Encoding.UTF8.GetBytes(Scalars[mutation.Choice % Scalars.Length]);
                break;
            case MutationKind.Remove:
                tokens.RemoveAt(place);
                break;
            case MutationKind.Repeat:
                tokens.InsertRange(place, [.. tokens.Skip(place).Take(1 + (mutation.Choice % 20))]);
                break;
            case MutationKind.Swap:
                var other = mutation.Choice % tokens.Count;
                (tokens[place], tokens[other]) = (tokens[other], tokens[place]);
                break;
            case MutationKind.Cut:
                tokens.RemoveRange(place, tokens.Count - place);
                break;
            case MutationKind.Nest:
                var (depth, word) = (Depths[mutation.Choice % Depths.Length], WordAt(tokens, place));
                var (open, close) = mutation.Choice % 2 == 0 ? ("[", "]") : ("{\"a\":", "}");
                tokens[word] = [.. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, depth))), .. tokens[word], .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(close, depth)))];
                break;
            case MutationKind.Garble:
                tokens.Insert(place, Garbage[mutation.Choice % Garbage.Length]);
                break;
        }
    }

    /// <summary>The word that is next, as a bracket or a space says little in place of another.</summary>
    private static int WordAt(List<byte[]> tokens, int place)
    {
        var word = tokens.FindIndex(place, token => token is [>= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'"', ..]);
        return word < 0 ? place : word;
    }

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|[A-Za-z0-9_./+=-]+|\s+|.
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.Singleline)]
    private static partial Regex Token();
}
