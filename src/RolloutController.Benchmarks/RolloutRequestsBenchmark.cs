using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks;

/// <summary>What one whole rollout of four steps costs the Kubernetes API.</summary>
internal static class RolloutRequestsBenchmark
{
    private const string Name = "requests";

    /// <summary>Longer than the controller puts anything off: status that only informs is written every 10 s at most.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(BenchmarkBed bed, ResultTable table, CancellationToken cancellationToken)
    {
        await using var traffic = await bed.StartTrafficAsync(Name, 1000, cancellationToken);
        await bed.DeployAsync(Rollout("v1"), cancellationToken);
        await Task.Delay(Quiet, cancellationToken);
        var before = await RequestCounts.ReadAsync(bed.Controller.Url, cancellationToken);
        await using var history = await ObjectHistory.StartAsync(bed.Api, ClusterPath.Rollouts(bed.Namespace), cancellationToken);

        await bed.ApplyAsync(Rollout("v2"), cancellationToken);
        await bed.UntilAsync(
            Name, item => item.Text("status.phase") == "Healthy" && item.Text("status.state.name") == "AtRest" && item.Number("metadata.generation") == item.Number("status.observedGeneration")
                && !item.Each("metadata.finalizers").Any(), "the rollout to end", cancellationToken);
        await Task.Delay(Quiet, cancellationToken);

        var cost = await RequestCounts.ReadAsync(bed.Controller.Url, cancellationToken) - before;
        var events = cost.Series.GetValueOrDefault(("POST", "events")) + cost.Series.GetValueOrDefault(("PATCH", "events"));
        table.Add("API writes of one rollout, four steps of 10 s, events included", $"{cost.Writes}, of them {events} events: {cost}");
        table.Add("API reads of it beside watches", $"{cost.Reads - cost.LeaseReads}");
        await bed.RemoveAsync(Name, cancellationToken);
    }

    private static RolloutBuilder Rollout(string version) => new(Manifests.Template(version, Name))
    {
        Name = Name,
        Service = Name,
        HttpRoutes = [Name],
        Replicas = 10,
        Hold = "10s",
        Interval = "5s",
    };
}
