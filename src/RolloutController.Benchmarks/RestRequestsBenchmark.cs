using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks;

/// <summary>What Rollouts at rest cost the Kubernetes API.</summary>
internal static class RestRequestsBenchmark
{
    private const int AtOnce = 10;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(BenchmarkBed bed, BenchmarkScale scale, ResultTable table, CancellationToken cancellationToken)
    {
        var names = Enumerable.Range(0, scale.Resting).Select(number => $"rest-{number}").ToList();
        await Parallel.ForEachAsync(
            names, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (name, token) => await bed.DeployAsync(Rollout(name), token));
        await Task.Delay(Quiet, cancellationToken);

        var before = await RequestCounts.ReadAsync(bed.Controller.Url, cancellationToken);
        await Task.Delay(scale.Rest, cancellationToken);
        var cost = await RequestCounts.ReadAsync(bed.Controller.Url, cancellationToken) - before;
        table.Add(
            $"API requests of {scale.Resting} Rollouts at rest in {scale.Rest.TotalMinutes:0} min",
            $"{cost.Writes} writes, {cost.Reads - cost.LeaseReads} reads, {cost.Watches} watches opened again; the Lease apart: {cost.LeaseWrites} writes");
    }

    private static RolloutBuilder Rollout(string name) => new(Manifests.Template("v1", name))
    {
        Name = name,
        Service = name,
        HttpRoutes = [name],
        Replicas = 1,
    };
}
