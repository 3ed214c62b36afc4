using System.Text;

namespace RolloutController.Benchmarks;

/// <summary>What was measured, as a Markdown table.</summary>
internal sealed class ResultTable
{
    private readonly StringBuilder _rows = new("| Measured | Result |\n|---|---|\n");

    /// <summary>Adds a row, and prints it at once: a full run takes a while.</summary>
    public void Add(string what, string result)
    {
        _rows.Append(null, $"| {what} | {result} |\n");
        Console.Error.WriteLine($"{what}: {result}");
    }

    public override string ToString() => _rows.ToString();
}

/// <summary>Durations of the same thing, done several times.</summary>
internal sealed record Durations(IReadOnlyList<TimeSpan> All)
{
    public TimeSpan Median => All.Order().ElementAt(All.Count / 2);

    public TimeSpan Worst => All.Max();

    public override string ToString() => $"median {Median.TotalMilliseconds:0} ms, worst {Worst.TotalMilliseconds:0} ms of {All.Count}";
}
