using NUnit.Framework;

namespace RolloutController.Tests.Architecture;

/// <summary>The rules of this folder are worth as much as the reader beneath them sees.</summary>
internal sealed class AssemblyUsesTests
{
    private static readonly HashSet<string> Used =
        [.. AssemblyUses.Of(typeof(Specimen).Assembly).Where(use => use.User == typeof(Specimen).FullName).Select(use => use.Used)];

    [TestCase("System.MarshalByRefObject", Description = "the base type")]
    [TestCase("System.IFormattable", Description = "an interface")]
    [TestCase("System.Net.Cookie", Description = "a type argument of a field")]
    [TestCase("System.Version", Description = "a parameter")]
    [TestCase("System.ICloneable", Description = "a constraint")]
    [TestCase("System.Console.Write(System.Object)", Description = "a call")]
    [TestCase("System.Net.IPAddress.Loopback", Description = "a field of another type")]
    [TestCase("System.Uri.get_Host()", Description = "a call in a lambda")]
    [TestCase("System.Text.StringBuilder.Append(System.Char)", Description = "a call in an async method")]
    [TestCase("System.TimeZoneNotFoundException", Description = "what is caught")]
    [TestCase("System.Lazy`1", Description = "what is made")]
    [TestCase("System.Half", Description = "the type argument of a call")]
    [TestCase("System.DayOfWeek", Description = "a local variable")]
    public void Sees(string used) => Assert.That(Used, Has.Member(used));

    [Test]
    public void Sees_nothing_that_is_not_used() => Assert.That(Used, Has.None.StartsWith("System.IO"));

    [TestCase("System.IO.File", "System.IO", true)]
    [TestCase("System.IO", "System.IO", true)]
    [TestCase("System.IOx.File", "System.IO", false)]
    [TestCase("System.Lazy`1", "System.Lazy", true)]
    [TestCase("System.DateTime.get_Now()", "System.DateTime.get_Now", true)]
    [TestCase("System.DateTime.get_Nowhere()", "System.DateTime.get_Now", false)]
    public void Tells_what_lies_in_what(string name, string outer, bool lies) => Assert.That(Use.IsIn(name, outer), Is.EqualTo(lies));
}
