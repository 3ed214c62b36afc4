using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>Prometheus is killed during a rollout, with two replicas as they are installed.</summary>
internal static class PrometheusFaults
{
    private const string Back = "Prometheus killed, back after 10 s";
    private const string Gone = "Prometheus killed and never back";
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(FaultBed bed, FaultTable table, CancellationToken cancellationToken)
    {
        table.Add(await bed.PlayAsync(Back, FaultVersion.Good, (flight, token) => RestartAsync(flight, 25, token), cancellationToken));
        table.Add(await bed.PlayAsync(Back, FaultVersion.Bad, (flight, token) => RestartAsync(flight, 5, token), cancellationToken));
        table.Add(await bed.PlayAsync($"{Gone}: held, then `Abort`", FaultVersion.Aborted, HoldAsync, cancellationToken));
        await bed.Prometheus.StartAgainAsync(cancellationToken);
        table.Add(await bed.PlayAsync($"{Gone}: found by a probe", FaultVersion.Probed, (flight, _) => KillAsync(flight, 5), cancellationToken));
        await bed.Prometheus.StartAgainAsync(cancellationToken);
    }

    private static async Task KillAsync(Flight flight, int weight)
    {
        await flight.UntilJudgedAsync(weight);
        await flight.Bed.Prometheus.KillAsync();
        flight.Struck("Prometheus killed");
    }

    private static async Task RestartAsync(Flight flight, int weight, CancellationToken cancellationToken)
    {
        await KillAsync(flight, weight);
        await Task.Delay(Away, TimeProvider.System, cancellationToken);
        await flight.Bed.Prometheus.StartAgainAsync(cancellationToken);
    }

    /// <summary>What is unknown neither promotes nor rolls back, for as long as it lasts.</summary>
    private static async Task HoldAsync(Flight flight, CancellationToken cancellationToken)
    {
        await KillAsync(flight, 25);
        await WaitFor.StateAsync(
            _ => Task.FromResult(flight.Bed.Rollout), rollout => rollout.Condition("Progressing").Text("reason") == "ProviderError", Away + Away, "the outage to be told", flight.Over);
        var weight = flight.Bed.Rollout.Number("status.state.weight");
        await flight.PassAsync(Away);
        if (flight.Bed.Rollout.Number("status.state.weight") != weight)
            flight.Problem($"the weight went from {weight} to {flight.Bed.Rollout.Number("status.state.weight")} % without metrics");
        await flight.Bed.OperateAsync("Abort", cancellationToken);
    }
}
