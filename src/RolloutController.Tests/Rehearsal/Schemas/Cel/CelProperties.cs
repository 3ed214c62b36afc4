using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace RolloutController.Tests.Rehearsal.Schemas.Cel;

/// <summary>What holds for all values.</summary>
internal sealed class CelProperties
{
    private static readonly string[] Truths = ["true", "false", "1 / 0 > 0"];

    [Test]
    public void Arithmetic_is_that_of_the_language_or_an_error() => Check(
        from a in Whole() from b in Whole() from symbol in Gen.Elements("+", "-", "*", "/", "%") select (a, b, symbol),
        ((long A, long B, string Symbol) item) =>
        {
            Int128? expected = item.Symbol switch
            {
                "+" => (Int128)item.A + item.B,
                "-" => (Int128)item.A - item.B,
                "*" => (Int128)item.A * item.B,
                _ when item.B == 0 => null,
                "/" => (Int128)item.A / item.B,
                _ => (Int128)item.A % item.B,
            };
            var actual = CelTests.Evaluate($"{item.A} {item.Symbol} {item.B}");
            return expected is { } value && value >= long.MinValue && value <= long.MaxValue && !(item is { Symbol: "%", A: long.MinValue, B: -1 })
                ? actual == value.ToString(null, null)
                : actual.StartsWith("error: ", StringComparison.Ordinal);
        });

    [Test]
    public void Order_of_the_sides_of_a_junction_does_not_matter() => Check(
        from left in Gen.Elements(Truths) from right in Gen.Elements(Truths) from symbol in Gen.Elements("&&", "||") select (left, right, symbol),
        item => CelTests.Evaluate($"{item.left} {item.symbol} {item.right}") == CelTests.Evaluate($"{item.right} {item.symbol} {item.left}"));

    [Test]
    public void Quantifiers_join_what_they_find() => Check(
        from truths in Gen.NonEmptyListOf(Gen.Elements(Truths)) from count in Gen.Choose(1, 5) select truths.Take(count).ToList(),
        truths =>
        {
            // Items 0, 1 and 2 stand for the three truths.
            var list = $"[{string.Join(", ", truths.Select(truth => Array.IndexOf(Truths, truth)))}]";
            const string Truth = "x == 0 || (x == 2 && 1 / 0 > 0)";
            return CelTests.Evaluate($"{list}.all(x, {Truth})") == CelTests.Evaluate(string.Join(" && ", truths))
                && CelTests.Evaluate($"{list}.exists(x, {Truth})") == CelTests.Evaluate(string.Join(" || ", truths));
        });

    [Test]
    public void Lists_are_sorted_filtered_and_counted_as_by_LINQ() => Check(
        Gen.Choose(-3, 3).ListOf(),
        items =>
        {
            var numbers = items.ToList();
            var list = $"[{string.Join(", ", numbers)}]";
            return CelTests.Evaluate($"{list}.filter(x, x > 0).size()") == $"{numbers.Count(x => x > 0)}"
                && CelTests.Evaluate($"{list}.isSorted()") == (numbers.SequenceEqual(numbers.Order()) ? "true" : "false")
                && CelTests.Evaluate($"{list}.sum()") == $"{numbers.Sum()}"
                && CelTests.Evaluate($"{list}.exists_one(x, x == 0)") == (numbers.Count(x => x == 0) == 1 ? "true" : "false")
                && CelTests.Evaluate($"{list}.map(x, -x).map(x, -x) == {list}") == "true";
        });

    [Test]
    public void Text_survives_being_written_as_a_literal() => Check(
        ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => string.Concat(text.Get.EnumerateRunes())),
        text =>
        {
            var literal = string.Concat(text.EnumerateRunes().Select(rune => $"\\U{rune.Value:X8}"));
            return CelTests.Evaluate($"'{literal}'") == text && CelTests.Evaluate($"'{literal}'.size()") == $"{text.EnumerateRunes().Count()}";
        });

    private static Gen<long> Whole() => Gen.OneOf(
        Gen.Choose(-10, 10).Select(value => (long)value),
        Gen.Elements(long.MinValue, long.MinValue + 1, long.MaxValue, int.MaxValue, 1L << 32, -(1L << 32)));

    private static void Check<T>(Gen<T> generator, Func<T, bool> holds) =>
        Prop.ForAll(generator.ToArbitrary(), holds).QuickCheckThrowOnFailure();
}
