using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using NUnit.Framework;

namespace RolloutController.Tests.Faults;

/// <summary>Plays many runs, on as many threads as there are processors: each run is one thread in virtual time.</summary>
internal static class FaultSweep
{
    private const int MostReports = 5;
    private const int Parts = 4;

    /// <summary>What a choice is made by: the same each time, or what <c>ROLLOUT_TEST_SEED</c> says.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("ROLLOUT_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    /// <summary>Whether all that applies is played, and not a choice of it.</summary>
    public static bool All { get; } = Environment.GetEnvironmentVariable("ROLLOUT_TEST_FAULTS") == "all";

    /// <summary>Plays a story with each of these faults alone, a quarter of them at a time where not all is asked for.</summary>
    /// <param name="golden">The run of the story without faults.</param>
    /// <param name="faults">The faults.</param>
    public static void RequireSome(FaultRun golden, IEnumerable<Fault> faults)
    {
        var all = faults.ToList();
        var some = All ? all : all.Where((_, index) => index % Parts == Seed % Parts).ToList();
        Require([.. (some.Count == 0 ? all : some).Select(fault => (golden, (IReadOnlyList<Fault>)[fault]))]);
    }

    /// <summary>Plays runs, and fails with those that break a law or end otherwise than the golden run of their story.</summary>
    /// <param name="runs">The runs.</param>
    /// <returns>How many there were.</returns>
    public static int Require(IReadOnlyList<(FaultRun Golden, IReadOnlyList<Fault> Faults)> runs)
    {
        var waiting = new ConcurrentQueue<(FaultRun Golden, IReadOnlyList<Fault> Faults)>(runs);
        var failed = new ConcurrentQueue<(FaultRun Golden, IReadOnlyList<Fault> Faults, IReadOnlyList<string> Problems)>();
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        TestContext.Out.WriteLine($"{runs.Count} runs in {watch.Elapsed.TotalSeconds:0} s, {failed.Count} of them failed");
        if (!failed.IsEmpty)
            Assert.Fail(Report([.. failed]));
        return runs.Count;

        void Work()
        {
            while (waiting.TryDequeue(out var next))
            {
                var run = FaultBed.Play(next.Golden.Story, next.Faults, next.Golden.Seed);
                if (run.Problems(next.Golden) is { Count: > 0 } problems)
                    failed.Enqueue((next.Golden, next.Faults, problems));
            }
        }
    }

    /// <summary>Each failure in a few lines, the shortest history of all in full.</summary>
    private static string Report(IReadOnlyList<(FaultRun Golden, IReadOnlyList<Fault> Faults, IReadOnlyList<string> Problems)> failed)
    {
        var shown = failed.GroupBy(one => Shape(one.Problems[0])).OrderByDescending(group => group.Count()).ToList();
        var shortest = failed.Take(MostReports).Select(one => Shrink(one.Golden, one.Faults)).MinBy(run => run.Journal.Calls.Count)!;
        return $"""
            {failed.Count} runs failed.
            {string.Join("\n", shown.Select(group => $"{group.Count()} times: {string.Join("\n    ", group.Take(MostReports).Select(one => $"{one.Golden.Story}, seed {one.Golden.Seed}: [{string.Join(", ", one.Faults)}]: {one.Problems[0]}"))}"))}

            The shortest:
            {shortest.Report(shortest.Problems(failed.First(one => one.Golden.Story == shortest.Story).Golden))}
            """;
    }

    /// <summary>With one fault fewer where that fails as well.</summary>
    private static FaultRun Shrink(FaultRun golden, IReadOnlyList<Fault> faults)
    {
        foreach (var fault in faults.Count > 1 ? faults : [])
        {
            var run = FaultBed.Play(golden.Story, [fault], golden.Seed);
            if (run.Problems(golden).Count > 0)
                return run;
        }
        return FaultBed.Play(golden.Story, faults, golden.Seed);
    }

    private static string Shape(string problem) => new([.. problem[(problem.IndexOf(':', StringComparison.Ordinal) + 1)..].Where(letter => !char.IsDigit(letter)).Take(60)]);
}
