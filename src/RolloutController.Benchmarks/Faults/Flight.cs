using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>A rollout under way, as whoever disturbs it sees it.</summary>
/// <param name="bed">What it runs on.</param>
/// <param name="over">Cancelled when it is at rest.</param>
internal sealed class Flight(FaultBed bed, CancellationToken over)
{
    private readonly List<string> _problems = [];

    /// <summary>What it runs on.</summary>
    public FaultBed Bed => bed;

    /// <summary>Cancelled when the rollout is at rest; what was begun then is to be brought to its end all the same.</summary>
    public CancellationToken Over => over;

    /// <summary>How often it was disturbed.</summary>
    public int Strikes { get; private set; }

    /// <summary>What was not as it has to be.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Counts a disturbance, and prints where it struck.</summary>
    public void Struck(string how)
    {
        Strikes++;
        Console.Error.WriteLine($"  {how}, while {bed.Where}");
    }

    /// <summary>Says what is not as it has to be.</summary>
    public void Problem(string what) => _problems.Add(what);

    /// <summary>Waits until a weight is carried and judged.</summary>
    public Task UntilJudgedAsync(int weight) => WaitFor.StateAsync(
        _ => Task.FromResult(bed.Rollout), rollout => rollout.Text("status.state.stage") == "Judging" && rollout.Number("status.state.weight") >= weight,
        FaultBed.Patience, $"{weight} % to be judged", over);

    /// <summary>Lets a moment pass, unless the rollout is over before.</summary>
    public Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, over);
}
