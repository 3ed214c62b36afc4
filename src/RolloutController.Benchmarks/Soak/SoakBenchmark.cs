using System.Diagnostics;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Benchmarks.Soak;

/// <summary>
/// Good and bad versions by turns, for a long time: what the controller holds has to stay as it is. Every hundredth time a Rollout goes for
/// good and another comes, so that what is kept by its name is seen, too.
/// </summary>
internal static class SoakBenchmark
{
    private const int Samples = 60;
    private const int Renewal = 100;
    private const int RealLanes = 10;

    /// <summary>Rolls so many versions out, one after the other, in virtual time.</summary>
    /// <returns>Whether nothing grew.</returns>
    public static bool RunVirtual(int rollouts, ResultTable table)
    {
        var clock = new VirtualTime(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        using var bed = new SoakBed(clock);
        var (samples, started) = (new List<IReadOnlyDictionary<string, double>>(), Stopwatch.GetTimestamp());
        clock.Run(() => bed.RunAsync(async () =>
        {
            var lane = new Lane(bed, 0);
            for (var number = 1; number <= rollouts; number++)
            {
                await lane.NextAsync(CancellationToken.None);
                if (number % (rollouts / Samples) == 0)
                    samples.Add(Footprint.Measure(bed));
            }
        }, CancellationToken.None));
        var took = Stopwatch.GetElapsedTime(started);
        table.Add($"{rollouts:N0} rollouts one after another in virtual time", $"{took.TotalMinutes:0.0} min for {clock.Elapsed.TotalHours:0} h: {took.TotalMilliseconds / rollouts:0} ms each");
        return Judge(samples, table);
    }

    /// <summary>Rolls versions of ten Rollouts out for so long, in real time.</summary>
    /// <returns>Whether nothing grew.</returns>
    public static async Task<bool> RunRealAsync(TimeSpan duration, ResultTable table, CancellationToken cancellationToken)
    {
        using var bed = new SoakBed(TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var samples = new List<IReadOnlyDictionary<string, double>>();
        var lanes = Enumerable.Range(0, RealLanes).Select(number => new Lane(bed, number)).ToList();
        await bed.RunAsync(async () =>
        {
            var work = lanes.Select(lane => lane.RunAsync(stop.Token)).ToList();
            for (var number = 0; number < Samples && !work.Exists(task => task.IsFaulted); number++)
            {
                await Task.Delay(duration / Samples, TimeProvider.System, cancellationToken);
                samples.Add(Footprint.Measure(bed));
            }

            await stop.CancelAsync();
            await Task.WhenAll(work);
        }, cancellationToken);
        table.Add($"{RealLanes} Rollouts for {duration.TotalMinutes:0} min in real time", $"{lanes.Sum(lane => lane.Done):N0} rollouts");
        return Judge(samples, table);
    }

    private static bool Judge(List<IReadOnlyDictionary<string, double>> samples, ResultTable table)
    {
        var half = samples[(samples.Count / 2)..];
        var trends = samples.SelectMany(sample => sample.Keys).Distinct().ToDictionary(name => name, name => Trend.Of([.. half.Select(sample => sample.GetValueOrDefault(name))]));
        foreach (var name in (string[])["memory, KiB", "handles", "threads", "status, bytes", "events"])
            table.Add($"{name}, mean and growth over the second half", $"{trends[name].Level:N0}, {trends[name].Growth:+0.0;-0.0;0} ± {trends[name].Error:0.0}");
        var grown = trends.Where(trend => trend.Value.GrowsBeyond(Footprint.Tolerance(trend.Key, trend.Value.Level))).ToList();
        table.Add($"of {trends.Count} measures, those that grew", grown.Count == 0 ? "none" : string.Join("; ", grown.Select(trend => $"{trend.Key}: {trend.Value.Growth:0.0} from {trend.Value.Level:0}")));
        return grown.Count == 0;
    }

    /// <summary>One Rollout after the other, and of each one version after the other.</summary>
    private sealed class Lane(SoakBed bed, int lane)
    {
        /// <summary>How many rollouts came to their end.</summary>
        public int Done { get; private set; }

        public async Task NextAsync(CancellationToken cancellationToken)
        {
            var name = $"shop-{lane}-{Done / Renewal}";
            if (Done % Renewal == 0)
                bed.Create(name);
            // What is created is version 1, which is good as it has no other beside it.
            await bed.RollOutAsync(name, Done + 2, isBad: Done % 2 == 1, cancellationToken);
            Done++;
            if (Done % Renewal == 0)
                await bed.DeleteAsync(name, cancellationToken);
        }

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                    await NextAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The end that was asked for.
            }
        }
    }
}
