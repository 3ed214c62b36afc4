using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>Two replicas, of which one leads: it is frozen for longer than its lease and woken beside its successor, or killed.</summary>
internal static class LeaderFaults
{
    private const string Frozen = "leader frozen for longer than its lease, then woken (two replicas)";
    private const string Killed = "leader killed (two replicas)";
    private static readonly TimeSpan Succession = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(45);

    public static async Task RunAsync(FaultBed bed, FaultTable table, FaultOptions options, Random random, CancellationToken cancellationToken)
    {
        var (first, second) = await Replica.StartPairAsync(bed, recorded: true, cancellationToken);
        await using var firstUntilDone = first;
        await using var secondUntilDone = second;
        await bed.DeployAsync(cancellationToken);
        var slow = FaultVersion.Good with { Hold = "5s" };
        table.Add(await bed.PlayAsync(Frozen, slow, FreezeAsync, cancellationToken));
        if (options.IsShort)
            return;
        table.Add(await bed.PlayAsync(Frozen, FaultVersion.Bad, FreezeAsync, cancellationToken));
        table.Add(await bed.PlayAsync(Killed, slow, KillAsync, cancellationToken));
        table.Add(await bed.PlayAsync(Killed, FaultVersion.Bad, KillAsync, cancellationToken));

        async Task FreezeAsync(Flight flight, CancellationToken token)
        {
            await flight.UntilJudgedAsync(5);
            var leader = await LeaderAsync([first, second], token);
            var (holder, ends) = (await HolderAsync(bed, token), leader.ExitCodes.Count);
            leader.Freeze();
            flight.Struck("leader frozen");
            await UntilSucceededAsync(bed, holder, token);
            await Task.Delay(TimeSpan.FromSeconds(8 * random.NextDouble()), TimeProvider.System, token);

            var woken = DateTimeOffset.UtcNow;
            Console.Error.WriteLine($"  leader woken, while {bed.Where}");
            leader.Wake();
            await WaitFor.StateAsync(_ => Task.FromResult(leader.ExitCodes), codes => codes.Count > ends, EndTime, "the leader that woke to end itself", token);
            foreach (var write in leader.Writes.Where(write => write.At >= woken && write is { IsOfLease: false, IsDone: true }))
                flight.Problem($"the leader that woke wrote: {write}");
            if (leader.ExitCodes[ends] != 1)
                flight.Problem($"the leader that woke ended with exit code {leader.ExitCodes[ends]}, not with 1");
        }

        async Task KillAsync(Flight flight, CancellationToken token)
        {
            await flight.UntilJudgedAsync(5);
            var leader = await LeaderAsync([first, second], token);
            var holder = await HolderAsync(bed, token);
            leader.Kill();
            flight.Struck("leader killed");
            await UntilSucceededAsync(bed, holder, token);
        }
    }

    private static Task<Replica> LeaderAsync(IReadOnlyList<Replica> replicas, CancellationToken cancellationToken) => WaitFor.StateAsync(
        async token =>
        {
            foreach (var replica in replicas)
            {
                if (await replica.LeadsAsync(token))
                    return replica;
            }
            return null!;
        },
        leader => leader is not null, Succession, "a leader", cancellationToken);

    private static async Task<string?> HolderAsync(FaultBed bed, CancellationToken cancellationToken) =>
        (await bed.Api.GetAsync(ClusterPath.Leases("rollout-system", "rollout-controller"), cancellationToken)).Text("spec.holderIdentity");

    private static Task<string?> UntilSucceededAsync(FaultBed bed, string? before, CancellationToken cancellationToken) => WaitFor.StateAsync(
        token => HolderAsync(bed, token), holder => holder is { Length: > 0 } && holder != before, Succession, "another leader", cancellationToken);
}
