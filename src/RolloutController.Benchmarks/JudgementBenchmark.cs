using System.Text;

namespace RolloutController.Benchmarks;

/// <summary>How often healthy versions are rolled back and bad ones missed, and what that costs; beside the rule of failed checks.</summary>
internal static class JudgementBenchmark
{
    private static readonly double[] Traffic = [5, 50, 500];

    public static string Run(int runs)
    {
        var table = new StringBuilder("| Version | Requests/s | Evidence | First failed check | Fifth failed check |\n|---|---|---|---|---|\n");
        foreach (var versions in SimulatedVersions.All)
        {
            foreach (var traffic in Traffic)
            {
                var row = $"| {versions.Name} | {traffic} | {Of(random => SimulatedRollout.Judged(versions, traffic, random))} "
                    + $"| {Of(random => SimulatedRollout.Counted(versions, traffic, 1, random))} | {Of(random => SimulatedRollout.Counted(versions, traffic, 5, random))} |";
                Console.Error.WriteLine(row);
                table.Append(row).Append('\n');
            }
        }

        return table.ToString();

        string Of(Func<Random, SimulatedRollout> rollout)
        {
            var ends = new SimulatedRollout[runs];
            Parallel.For(0, runs, seed => ends[seed] = rollout(new Random(seed)));
            return Summary(ends);
        }
    }

    private static string Summary(SimulatedRollout[] ends)
    {
        var back = ends.Where(end => end.End == SimulatedEnd.RolledBack).ToList();
        var held = Share(ends.Count(end => end.End == SimulatedEnd.Held));
        var text = $"{Share(back.Count)} rolled back" + (held == "0 %" ? "" : $", {held} held");
        return back.Count * 20 < ends.Length ? text : $"{text}; after {Median(back, end => end.After.TotalMinutes):0.#} min, {Median(back, end => end.Errors):0} failed";

        string Share(int count) => $"{100.0 * count / ends.Length:0.##} %";
    }

    private static double Median(IEnumerable<SimulatedRollout> ends, Func<SimulatedRollout, double> value)
    {
        var values = ends.Select(value).Order().ToList();
        return values[values.Count / 2];
    }
}
