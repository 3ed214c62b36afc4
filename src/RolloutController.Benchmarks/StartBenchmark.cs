using System.Collections.Concurrent;
using System.Diagnostics;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks;

/// <summary>From a new template to the ReplicaSet of the canary, both as a watch shows them.</summary>
internal static class StartBenchmark
{
    public static async Task RunAsync(BenchmarkBed bed, BenchmarkScale scale, ResultTable table, CancellationToken cancellationToken)
    {
        var rollouts = Enumerable.Range(0, scale.Starts).Select(number => Rollout($"start-{number}", "v1")).ToList();
        foreach (var rollout in rollouts)
            await bed.DeployAsync(rollout, cancellationToken);

        var asked = new ConcurrentDictionary<string, long>();
        var created = new ConcurrentDictionary<string, long>();
        await using var changes = await LiveList.StartAsync(bed.Api, ClusterPath.Rollouts(bed.Namespace), cancellationToken, change =>
        {
            if (change.Object.Number("metadata.generation") == 2)
                asked.TryAdd(change.Object.Name(), Stopwatch.GetTimestamp());
        });
        await using var sets = await LiveList.StartAsync(bed.Api, ClusterPath.ReplicaSets(bed.Namespace), cancellationToken, change =>
        {
            if (change.Object.Annotation("rollouts.dev/revision") == "2")
                created.TryAdd(change.Object.Text("metadata.ownerReferences.0.name")!, Stopwatch.GetTimestamp());
        });
        var write = await bed.WriteTimeAsync(cancellationToken);
        foreach (var rollout in rollouts)
        {
            await bed.ApplyAsync(Rollout(rollout.Name, "v2"), cancellationToken);
            await WaitFor.StateAsync(
                _ => Task.FromResult(created.ContainsKey(rollout.Name) && asked.ContainsKey(rollout.Name)), seen => seen, TimeSpan.FromSeconds(30), "the ReplicaSet", cancellationToken);
        }

        var times = new Durations([.. rollouts.Select(rollout => Stopwatch.GetElapsedTime(asked[rollout.Name], created[rollout.Name]))]);
        table.Add("one write to this API server, for scale", $"median {write.TotalMilliseconds:0.0} ms");
        table.Add("template change → canary ReplicaSet created", $"{times}: {times.Median / write:0.0} writes' time");
        foreach (var rollout in rollouts)
            await bed.RemoveAsync(rollout.Name, cancellationToken);
    }

    private static RolloutBuilder Rollout(string name, string version) => new(Manifests.Template(version, name))
    {
        Name = name,
        Service = name,
        HttpRoutes = [name],
        Replicas = 1,
        Hold = "1h",
        MaxErrorRate = null,
    };
}
