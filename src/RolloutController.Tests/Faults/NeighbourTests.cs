using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Rehearsal;

namespace RolloutController.Tests.Faults;

/// <summary>What happens to one Rollout delays no other.</summary>
[Category("Faults")]
internal sealed class NeighbourTests
{
    private const int Neighbours = 499;

    private const string Steps = """
        steps: [{weight: 25, hold: 6s}, {weight: 100, hold: 6s}]
        analysis: { interval: 5s, errorRate: {max: 5%, minRequests: 20}}
        scaleDownDelay: 3s
        """;

    [FaultRow(50, "500 Rollouts while one provider hangs for 30 s")]
    [Test]
    public void A_provider_that_hangs_delays_none_of_those_who_ask_another() => FaultBed.Play(new FaultStory("one provider hangs", Steps, async bed =>
    {
        bed.Prometheus.Register(new RolloutSpec { Analysis = new AnalysisSpec { Checks = [Check] } });
        var names = Enumerable.Range(0, Neighbours).Select(number => $"neighbour-{number:000}").ToLookup(name => (name[^1] - '0') % 2 == 0);
        List<string> answered = [.. names[true]], hung = [.. names[false]];
        foreach (var name in answered.Concat(hung))
            bed.Apply(Neighbour(name, names[true].Contains(name) ? "rehearsal" : "slow"));
        await bed.UntilAsync(() => answered.Concat(hung).All(name => Runs(bed, name, "1")), "the first versions");

        var begun = bed.Now;
        ShipAll(bed, answered.Concat(hung), "2");
        await bed.UntilAsync(() => answered.Concat(hung).All(name => Runs(bed, name, "2")), "both halves while both providers answer");
        var both = bed.Now - begun;

        bed.SlowHangs = true;
        begun = bed.Now;
        ShipAll(bed, answered.Concat(hung), "3");
        await bed.UntilAsync(() => answered.All(name => Runs(bed, name, "3")), "the half that is answered");
        Assert.That(bed.Now - begun, Is.LessThanOrEqualTo(both), "as fast as beside a provider that answers");
        bed.Ship("2");
        await bed.UntilAtRestAsync("2");
        Assert.That(bed.Now - begun, Is.AtLeast(TimeSpan.FromSeconds(30)));
        Assert.That(hung.Where(name => Runs(bed, name, "3")), Is.Empty, "who knows nothing promotes nothing");

        bed.SlowHangs = false;
        await bed.UntilAsync(() => hung.All(name => Runs(bed, name, "3")), "the half that hung");
    }), []).Require();

    private static CheckSpec Check => new() { Name = "one", Query = new QueryCheckSpec { Expression = "vector(0)" }, Critical = new LimitSpec { Above = new Number(1) } };

    private static string Neighbour(string name, string provider) => $$"""
        apiVersion: rollouts.dev/v1alpha1
        kind: Rollout
        metadata: { name: {{name}} }
        spec:
          replicas: 2
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec: { containers: [{ name: one, image: "neighbour:1" }] }
          steps: [{weight: 50, hold: 2s}, {weight: 100, hold: 2s}]
          analysis: { interval: 1s, provider: {{provider}}, checks: [{ name: one, query: { expression: vector(0) }, critical: { above: 1 } }] }
        """;

    private static void ShipAll(FaultBed bed, IEnumerable<string> names, string version)
    {
        foreach (var name in names)
            bed.Cluster.Change("rollouts", "default", name, rollout => rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = $"neighbour:{version}");
    }

    /// <summary>Whether a version is promoted and at rest.</summary>
    private static bool Runs(FaultBed bed, string name, string version)
    {
        var rollout = bed.Cluster.Find("rollouts", "default", name)!.Json;
        return (string?)rollout["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] == $"neighbour:{version}"
            && rollout.Number("status", "observedGeneration") == rollout.Number("metadata", "generation")
            && rollout.Text("status", "state", "name") == "AtRest" && rollout.Text("status", "phase") == "Healthy";
    }
}
