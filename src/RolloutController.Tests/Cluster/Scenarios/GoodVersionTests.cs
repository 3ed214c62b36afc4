using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster.Scenarios;

/// <summary>A version without fault gets 5, 25, 50 and 100 percent of the traffic and stays.</summary>
internal sealed class GoodVersionTests : RolloutScenario
{
    [Test]
    public async Task Good_version_goes_through_every_step_and_says_so()
    {
        var first = await DeployAsync(Version("v1"));
        var second = await ShipAsync(Version("v2"));
        await Kubectl.RunAsync(Namespace, Cancellation, "wait", "--for=condition=Succeeded", "rollout/shop", "--timeout=90s");
        var promoted = await UntilAtRestAsync("Healthy");

        Assert.That(Trace.Weights(), Is.EqualTo([0, 5, 25, 50, 100, 0]));
        foreach (var (weight, index) in Steps.Select((weight, index) => (weight, index)))
            AssertStep(weight, index, first.Text("status.stableRevision")!, second);
        Assert.That(promoted.Text("status.stableRevision"), Is.EqualTo(second));
        Assert.That(promoted.Text("status.canaryRevision"), Is.Null.Or.Empty);
        Assert.That(promoted.Text("status.step"), Is.EqualTo("4/4"));
        Assert.That(promoted.Number("status.weight"), Is.EqualTo(100));
        Assert.That(promoted.At("status.lastRollback"), Is.Null);
        Assert.That(promoted.Text("status.failedRevision"), Is.Null.Or.Empty);
        AssertConditions(promoted, ("Ready", "True"), ("Progressing", "False"), ("Reconciling", "False"), ("Stalled", "False"), ("Succeeded", "True"));
        foreach (var reason in new[] { "RolloutStarted", "WeightSet", "Promoted" })
            await UntilEventAsync(reason);
        Assert.That(Traffic.Of("v2").Requests, Is.GreaterThan(1000));
        Assert.That(Traffic.Lost, Is.LessThan(Traffic.Of("v1").Requests), "requests are lost before the first version is ready only");
    }

    [Test]
    public async Task Requests_are_lost_in_no_step()
    {
        await DeployAsync(Version("v1") with { Weights = [50, 100] });
        var before = Traffic.Lost;
        await ShipAsync(Version("v2") with { Weights = [50, 100] });
        await UntilStateAsync("Promoting");
        await UntilAtRestAsync("Healthy");
        Assert.That(Traffic.Lost - before, Is.Zero);
    }

    private void AssertStep(int weight, int index, string stable, string canary)
    {
        var judged = Trace.First(rollout => rollout.Text("status.canaryRevision") == canary && IsJudged(rollout, weight))!;
        Assert.That(judged, Is.Not.Null, $"the step with {weight} %");
        Assert.That(judged.Text("status.phase"), Is.EqualTo("Progressing"));
        Assert.That(judged.Number("status.stepIndex"), Is.EqualTo(index));
        Assert.That(judged.Text("status.step"), Is.EqualTo($"{index + 1}/4"));
        Assert.That(judged.Number("status.weight"), Is.EqualTo(weight));
        Assert.That(judged.Text("status.stableRevision"), Is.EqualTo(stable));
        Assert.That(judged.Text("status.message"), Does.StartWith($"{weight} %: "));
        AssertConditions(judged, ("Ready", "False"), ("Progressing", "True"), ("Reconciling", "True"), ("Stalled", "False"), ("Succeeded", "Unknown"));
    }

    private static void AssertConditions(JsonObject rollout, params (string Type, string Status)[] expected)
    {
        Assert.That(rollout.Each("status.conditions").Select(condition => (condition.Text("type")!, condition.Text("status")!)), Is.EquivalentTo(expected));
        Assert.That(rollout.Each("status.conditions").Select(condition => condition.Number("observedGeneration")), Is.All.EqualTo(rollout.Number("metadata.generation")));
    }
}
