namespace RolloutController.Benchmarks.Faults;

/// <summary>Plays all real faults, one after the other.</summary>
internal static class FaultRun
{
    /// <returns>Whether everything ended as it should.</returns>
    public static async Task<bool> RunAsync(FaultOptions options, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"seed {options.Seed}: --seed {options.Seed} plays the same moments again");
        var random = new Random(options.Seed);
        var table = new FaultTable();
        try
        {
            if (options.Plays("controller") || options.Plays("leader") || options.Plays("cluster") || options.Plays("prometheus"))
                await DisturbShopAsync(options, random, table, cancellationToken);
            if (options.Plays("provider"))
                await HangingProviderFault.RunAsync(FaultOptions.Rollouts, table, cancellationToken);
            return table.IsFine;
        }
        finally
        {
            // What was found until something went wrong is worth reading, too.
            Console.WriteLine($"Seed {options.Seed}.\n\n{table}");
        }
    }

    private static async Task DisturbShopAsync(FaultOptions options, Random random, FaultTable table, CancellationToken cancellationToken)
    {
        await using var bed = await FaultBed.StartAsync(cancellationToken);
        if (options.Plays("controller"))
            await ControllerFaults.RunAsync(bed, table, options.Rounds, random, cancellationToken);
        if (options.Plays("leader"))
            await LeaderFaults.RunAsync(bed, table, options, random, cancellationToken);
        if (!options.Plays("cluster") && !options.Plays("prometheus"))
            return;

        // From here on as it is installed: two replicas, one of which leads.
        var (first, second) = await Replica.StartPairAsync(bed, recorded: false, cancellationToken);
        await using var firstUntilDone = first;
        await using var secondUntilDone = second;
        await bed.DeployAsync(cancellationToken);
        if (options.Plays("cluster"))
            await ClusterFaults.RunAsync(bed, table, options, random, cancellationToken);
        if (options.Plays("prometheus"))
            await PrometheusFaults.RunAsync(bed, table, cancellationToken);
    }
}
