using System.Reflection;
using System.Text.RegularExpressions;
using NUnit.Framework;
using RolloutController.Planning;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Architecture;

/// <summary>The words that events carry: nobody can make up others, each is used, and docs/events.md tells of each.</summary>
internal sealed partial class EventReasonTests
{
    private static IReadOnlyList<FieldInfo> Reasons => [.. typeof(EventReason).GetFields(BindingFlags.Static | BindingFlags.Public)];

    [Test]
    public void A_word_is_that_of_its_name() =>
        Assert.That(Reasons.Select(field => ((EventReason)field.GetValue(null)!).Word), Is.EqualTo(Reasons.Select(field => field.Name)));

    [Test]
    public void Nobody_can_make_up_another() => Assert.That(typeof(EventReason).GetConstructors(), Is.Empty);

    [Test]
    public void Each_is_used()
    {
        var name = typeof(EventReason).FullName!;
        var used = Controller.Uses.Where(use => use.User != name && use.Used.StartsWith($"{name}.", StringComparison.Ordinal)).Select(use => use.Used[(name.Length + 1)..]);

        Assert.That(Reasons.Select(field => field.Name).Except(used), Is.Empty, "reasons that no code names");
    }

    [Test]
    public async Task The_page_of_events_tells_of_each()
    {
        var rows = (await File.ReadAllLinesAsync(RepositoryFiles.PathOf("docs/events.md"))).Select(line => Row().Match(line)).Where(row => row.Success).ToList();

        Assert.That(rows.Select(row => row.Groups["reason"].Value), Is.Unique.And.EquivalentTo(Reasons.Select(field => field.Name)));
        Assert.That(rows.Select(row => row.Groups["type"].Value), Is.All.AnyOf("Normal", "Warning"));
        Assert.That(rows.SelectMany(row => new[] { row.Groups["when"].Value, row.Groups["todo"].Value }), Has.None.Matches<string>(string.IsNullOrWhiteSpace));
    }

    [GeneratedRegex(@"^\| `(?<reason>\w+)` \| (?<type>\w+) \| (?<when>[^|]+) \| (?<todo>[^|]+) \|$")]
    private static partial Regex Row();
}
