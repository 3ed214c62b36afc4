using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Rehearsal.Scenarios;

namespace RolloutController.Tests.Api;

/// <summary>No status is refused for the length of what it says.</summary>
internal sealed class StatusBoundsTests
{
    private static IEnumerable<TestCaseData> Texts => CrdSchema.Fields
        .Where(text => text.Type == "string" && text.Path.StartsWith("status.", StringComparison.Ordinal) && (text.Path.Split('.')[^1] is "message" or "value" or "threshold"))
        .Where(text => !text.Path.StartsWith("status.state.", StringComparison.Ordinal))
        .Select(text => new TestCaseData(text.Path["status.".Length..], (int)(long)text.Schema["maxLength"]!).SetArgDisplayNames(text.Path));

    [TestCaseSource(nameof(Texts))]
    public void What_is_for_people_is_cut_to_what_the_schema_takes(string path, int most)
    {
        foreach (var letter in new[] { "a", "ä", "𝄞" })
        {
            var cut = Text(StatusBounds.Cut(Status(path, string.Concat(Enumerable.Repeat(letter, 9000)))), path);
            Assert.That(cut, Has.Length.InRange(most - 1, most).And.EndsWith($"{letter}…"));
        }

        Assert.That(Text(StatusBounds.Cut(Status(path, new string('a', most))), path), Has.Length.EqualTo(most).And.EndsWith("a"));
    }

    [Test]
    public void What_was_asked_for_is_not_cut() => Assert.That(
        Text(StatusBounds.Cut(Status("state.traffic.match.headers[].value", new string('a', 256))), "state.traffic.match.headers[].value"), Has.Length.EqualTo(256));

    [Test]
    public void There_is_such_a_text_in_every_list() => Assert.That(Texts.Count(), Is.GreaterThan(8));

    [Test]
    public void A_refusal_that_quotes_more_than_a_status_takes_is_told_all_the_same()
    {
        var name = $"{new string('x', 5000)} y";
        var result = Rehearsals.Run(Rehearsals.Shop().Replace("name: PASSWORD", $"name: '{name}'", StringComparison.Ordinal));
        Assert.That(result.Outcome, Is.EqualTo(Outcome.Invalid), result.Message);
        Assert.That(result.Message, Does.StartWith("spec.template.spec.containers[0].env[0].name: ").And.Length.LessThanOrEqualTo(4096).And.EndsWith("…"));
    }

    private static JsonObject Status(string path, string text)
    {
        var root = new JsonObject();
        var at = root;
        var parts = path.Split('.');
        foreach (var part in parts[..^1])
        {
            var inner = new JsonObject();
            at[part.TrimEnd('[', ']')] = part.EndsWith("[]", StringComparison.Ordinal) ? new JsonArray(inner) : inner;
            at = inner;
        }

        at[parts[^1]] = text;
        return root;
    }

    private static string Text(JsonNode? at, string path)
    {
        foreach (var part in path.Split('.'))
            at = part.EndsWith("[]", StringComparison.Ordinal) ? at![part[..^2]]![0] : at![part];
        return (string)at!;
    }
}
