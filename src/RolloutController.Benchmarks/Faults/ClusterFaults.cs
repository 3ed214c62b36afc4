using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>The API server and etcd go away during a rollout, with two replicas as they are installed.</summary>
internal static class ClusterFaults
{
    private const string Restarted = "API server killed and started again at once";
    private const string Down = "API server down for a minute";
    private const string EtcdFrozen = "etcd frozen for 5 to 20 s";
    private const string EtcdKilled = "etcd killed, back after 2 to 10 s";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static async Task RunAsync(FaultBed bed, FaultTable table, FaultOptions options, Random random, CancellationToken cancellationToken)
    {
        var plane = ClusterProcesses.FromEnvironment(bed.Api);
        var (api, etcd) = (plane.ApiServer, plane.Etcd);
        await PlayAsync(Restarted, FaultVersion.Good, () => ReplaceAsync(api, TimeSpan.Zero));
        if (options.IsShort)
            return;
        await PlayAsync(Restarted, FaultVersion.Bad, () => ReplaceAsync(api, TimeSpan.Zero));
        foreach (var version in new[] { FaultVersion.Good, FaultVersion.Bad })
        {
            await PlayAsync(Down, version, () => ReplaceAsync(api, Minute));
            await PlayAsync(EtcdFrozen, version, () => FreezeAsync(etcd, Between(5, 20)));
            await PlayAsync(EtcdKilled, version, () => ReplaceAsync(etcd, Between(2, 10)));
        }

        async Task PlayAsync(string fault, FaultVersion version, Func<Task> strikeAsync)
        {
            table.Add(await bed.PlayAsync(fault, version, StrikeAsync, cancellationToken, isGapless: false));
            await plane.UntilServingAsync(cancellationToken);

            async Task StrikeAsync(Flight flight, CancellationToken token)
            {
                // A bad version is found at the first weight, a good one is to be hit midway.
                await flight.UntilJudgedAsync(version.IsPromoted ? 25 : 5);
                await flight.PassAsync(TimeSpan.FromSeconds((version.IsPromoted ? 3 : 0.5) * random.NextDouble()));
                flight.Struck(fault);
                await strikeAsync();
                await plane.UntilServingAsync(token);
                Console.Error.WriteLine($"  it serves again, while {bed.Where}");
            }
        }

        async Task ReplaceAsync(ClusterProcess process, TimeSpan away)
        {
            await process.KillAsync(cancellationToken);
            await Task.Delay(away, TimeProvider.System, cancellationToken);
            await process.StartAgainAsync(cancellationToken);
        }

        async Task FreezeAsync(ClusterProcess process, TimeSpan time)
        {
            process.Freeze();
            await Task.Delay(time, TimeProvider.System, cancellationToken);
            process.Wake();
        }

        TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * random.NextDouble()));
    }
}
