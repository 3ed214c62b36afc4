using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Cli.Output;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Tests.Cli.Output;

/// <summary>What is written is read back as it was, and moments are those of the reader and of everybody.</summary>
internal sealed class OutputTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 5, 23, 30, 5, TimeSpan.Zero);

    [Test]
    public void Moments_are_local_and_in_UTC()
    {
        var far = new Times(new ManualTimeProvider(Now) { Zone = TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(1), "east", "east") });
        var here = new Times(new ManualTimeProvider(Now));

        Assert.That(far.Full(Now), Is.EqualTo("2026-03-06 00:30:05 +01:00 (2026-03-05 23:30:05 UTC)"));
        Assert.That(far.Full(Now.AddHours(-2)), Is.EqualTo("2026-03-05 22:30:05 +01:00 (21:30:05 UTC)"));
        Assert.That(far.Short(Now), Is.EqualTo("00:30:05 (23:30:05 UTC)"));
        Assert.That((here.Full(Now), here.Short(Now)), Is.EqualTo(("2026-03-05 23:30:05 UTC", "23:30:05 UTC")));
    }

    [TestCase(0.2, "0s")]
    [TestCase(59, "59s")]
    [TestCase(60, "1m")]
    [TestCase(260, "4m20s")]
    [TestCase(7260, "2h1m")]
    [TestCase(180_000, "2d2h")]
    [TestCase(1_000_000, "11d")]
    public void Times_have_two_units_at_the_most(double seconds, string text) => Assert.That(Times.Length(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [TestCase("""{"a": {"b": [1, {"c": "x", "d": []}, ["e"]]}, "f": {}, "g": null, "h": true, "i": 0.5}""")]
    [TestCase("""{"texts": ["yes", "No", "null", "~", "1", "1e3", "0x1f", "1:30", ".5", "2026-01-01", "", " ", "a: b", "a #b", "#", "- a", "&a", "*a", "!a", "%a", "@a", "`a", "'a'", "\"a\"", "{a}", "[a]", "a,b", "a:", "-", "?", "a ", "5%", "1h30m", "90s", "1m5", "é", "tab\t", "=", "<<"]}""")]
    [TestCase("""{"lines": "one\ntwo\n", "kept": "one\n\n", "bare": "one\ntwo", "indented": "  one\ntwo", "returns": "one\r\ntwo", "last": " \n"}""")]
    [TestCase("""{"image": "registry.example.com:5000/shop@sha256:0011", "max": "0.5%", "key: odd": "v", "123": "n", "true": "b"}""")]
    public void YAML_is_read_back_as_what_it_was(string json) =>
        Assert.That(YamlReader.Read(YamlWriter.Write(JsonNode.Parse(json)!)).Single().ToJsonString(), Is.EqualTo(JsonNode.Parse(json)!.ToJsonString()), YamlWriter.Write(JsonNode.Parse(json)!));

    [Test]
    public void YAML_is_as_people_write_it() => Assert.That(
        YamlWriter.Write(JsonNode.Parse("""{"kind": "Rollout", "spec": {"replicas": 3, "steps": [{"weight": 5, "pause": true}], "max": "0.5%", "empty": {}}}""")!),
        Is.EqualTo("kind: Rollout\nspec:\n  replicas: 3\n  steps:\n  - weight: 5\n    pause: true\n  max: 0.5%\n  empty: {}\n"));

    [Test]
    public void Tables_leave_nothing_behind_the_last_column()
    {
        var table = new TextTable("NAME", "MESSAGE");
        table.Add("a", "[5 %] waits");
        table.Add("longer", "");

        Assert.That(Shown.Text(table.Lines()), Is.EqualTo("NAME     MESSAGE\na        [5 %] waits\nlonger\n"));
    }
}
