using System.Collections.Immutable;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Planning;
using static RolloutController.Tests.Planning.Given;

namespace RolloutController.Tests.Planning;

/// <summary>The content of ConfigMaps and Secrets as the planner sees it.</summary>
internal sealed class ConfigStateTests
{
    [TestCase("a=1", "a=1", "")]
    [TestCase("a=1", "a=2", "; a changed")]
    [TestCase("", "a=1", "; a came")]
    [TestCase("a=1", "", "; a went")]
    [TestCase("a=1 c=1", "a=2 b=1", "; a changed, b came, c went")]
    [TestCase(null, "a=1", "")]
    [TestCase("a=1", null, "")]
    public void A_change_is_told_by_the_names_of_what_changed(string? before, string? after, string expected)
    {
        var seen = Rollout(new AtRest("a"), "b", Set("a", 10) with { Config = Config(before) }) with { Config = Config(after) };
        Assert.That(ConfigState.Change(seen, "a", "b"), Is.EqualTo(expected));
        var made = seen with { Revisions = [.. seen.Revisions, Set("b", 1) with { Config = Config(after) }], Config = Config("a=9") };
        Assert.That(ConfigState.Change(made, "a", "b"), Is.EqualTo(after is null ? "; a changed" : expected), "what a ReplicaSet has counts first");
    }

    [Test]
    public void What_is_there_at_first_sight_is_written_down()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)) with { Config = Config("a=1") };
        Assert.That(Decide(seen).Effects, Is.EqualTo(new Effect[] { new Effect.RecordConfig("shop-a") }));
        Assert.That(Decide(seen with { Config = null }).Effects, Is.Empty);
        Assert.That(Decide(seen with { Revisions = [Set("a", 10) with { Config = Config("a=1") }] }).Effects, Is.Empty);
    }

    [Test]
    public void What_an_undo_carries_out_does_not_get_what_the_template_asks_for()
    {
        var seen = Rollout(new AtRest("b"), "a", Set("b", 10), Set("a", 0) with { Config = Config("a=1") }) with { Config = Config("a=1") };
        Assert.That(Decide(seen with { Status = seen.Status with { Undo = new UndoneTemplate("a", "b") } }).Effects, Is.Empty);
    }

    [Test]
    public void What_was_not_finished_goes_at_rest()
    {
        var seen = Rollout(new AtRest("a"), "a", Set("a", 10)) with { Unfinished = [Set("b", 0)] };
        Assert.That(Decide(seen).Effects, Is.EqualTo(new Effect[] { new Effect.DeleteReplicaSet("shop-b") }));
    }

    [Test]
    public void What_was_not_finished_of_the_stable_revision_is_made_anew()
    {
        var seen = Rollout(new AtRest("a"), "a") with { Unfinished = [Set("a", 0)] };
        Assert.That(Decide(seen).Effects, Is.EqualTo(new Effect[] { new Effect.CreateReplicaSet("a", 10, 1) }));
    }

    private static ConfigState? Config(string? text) => text is null ? null : new ConfigState(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(entry => entry.Split('=')).ToImmutableSortedDictionary(entry => entry[0], entry => entry[1], StringComparer.Ordinal));
}
