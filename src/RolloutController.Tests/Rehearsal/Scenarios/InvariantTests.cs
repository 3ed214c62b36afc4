using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Scenarios;
using RolloutController.Rehearsal.Time;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Rehearsal.Scenarios;

/// <summary>What holds whatever happens.</summary>
internal sealed class InvariantTests
{
    [Test]
    public void Rollout_ends_loses_no_request_and_leaves_what_the_user_applied([Range(1, 48)] int seed)
    {
        var rehearsal = RandomRehearsal.Of(seed);
        var left = new List<JsonObject>();
        var result = rehearsal.Rehearse(cluster => left.AddRange(Objects(cluster)));

        Assert.That(result.Outcome, Is.Not.EqualTo(Outcome.Invalid), $"{result.Message}\n{rehearsal}");
        Assert.That(result.Requests.Lost, Is.Zero, $"No weight goes to where no pod is ready.\n{rehearsal}");
        Assert.That(result.Requests.Total, Is.GreaterThan(0));
        if (result.Outcome == Outcome.Stuck)
            return;
        Assert.That(left, Is.EqualTo(Applied(rehearsal.Manifests)).Using<JsonObject>(JsonNode.DeepEquals), $"{rehearsal}");
    }

    /// <summary>The user's Services and routes in a cluster of which nobody changes anything.</summary>
    private static List<JsonObject> Applied(string manifests)
    {
        var cluster = new ControlPlane(new VirtualTime(RehearsalSettings.Start), new Random(1)).Cluster;
        foreach (var manifest in Yaml.ParseAll(manifests))
        {
            manifest["metadata"]!["namespace"] = "default";
            cluster.Create(cluster.Resources.OfKind((string)manifest["apiVersion"]!, (string)manifest["kind"]!)!.Plural, manifest);
        }
        return Objects(cluster);
    }

    /// <summary>The Services and routes of a cluster, without what tells writes apart, and what the gateway reports.</summary>
    private static List<JsonObject> Objects(EmbeddedCluster cluster) =>
    [
        .. new[] { "services", "httproutes", "grpcroutes" }.SelectMany(plural => cluster.List(plural, "default")).Select(item => item.Json.DeepClone().AsObject()).Select(item =>
        {
            foreach (var field in new[] { "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields" })
                item["metadata"]!.AsObject().Remove(field);
            item["spec"]!.AsObject().Remove("clusterIP");
            item["spec"]!.AsObject().Remove("clusterIPs");
            item.Remove("status");
            return item;
        }),
    ];
}
