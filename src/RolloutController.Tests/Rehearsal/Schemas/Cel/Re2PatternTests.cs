using NUnit.Framework;
using RolloutController.Rehearsal.Schemas.Cel;

namespace RolloutController.Tests.Rehearsal.Schemas.Cel;

/// <summary>Patterns mean what they mean in Go.</summary>
internal sealed class Re2PatternTests
{
    [TestCase("^a$", "a", true)]
    [TestCase("^a$", "a\n", false)]
    [TestCase("(?m)^a$", "b\na\nc", true)]
    [TestCase("(?i)^shop$", "SHOP", true)]
    [TestCase("(?s)a.b", "a\nb", true)]
    [TestCase("a.b", "a\nb", false)]
    [TestCase(@"^\d\w\s$", "1a ", true)]
    [TestCase(@"^\d$", "٣", false)]
    [TestCase(@"^\w$", "é", false)]
    [TestCase(@"^[\d\s-]+$", "1 -", true)]
    [TestCase("^[[:alpha:]_]+$", "ab_", true)]
    [TestCase("^[[:^alpha:]]$", "1", null)]
    [TestCase("^[[a]+$", "[a", true)]
    [TestCase("^[]a]+$", "]a", true)]
    [TestCase("^[^a-z]+$", "ABC", true)]
    [TestCase("^[a-z-[b]]$", "b]", true)]
    [TestCase(@"^\pL\p{Lu}$", "éÉ", true)]
    [TestCase(@"^\x41\x{e9}$", "Aé", true)]
    [TestCase("^(?P<name>a)(?:b)$", "ab", true)]
    [TestCase("^a{2,3}$", "aaaa", false)]
    [TestCase("[$]", "$", true)]
    [TestCase(@"^\$$", "$", true)]
    [TestCase("[a", "a", null)]
    [TestCase("(a", "a", null)]
    [TestCase(@"\ba\b", "a", null)]
    [TestCase("(?=a)", "a", null)]
    [TestCase(@"(a)\1", "aa", null)]
    public void Match(string pattern, string text, bool? matches)
    {
        if (matches is { } expected)
            Assert.That(Re2Pattern.Compile(pattern).IsMatch(text), Is.EqualTo(expected));
        else
            Assert.That(() => Re2Pattern.Compile(pattern), Throws.InstanceOf<ArgumentException>().Or.TypeOf<NotSupportedException>());
    }
}
