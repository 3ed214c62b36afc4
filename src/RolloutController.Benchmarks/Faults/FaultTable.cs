using System.Globalization;
using System.Text;

namespace RolloutController.Benchmarks.Faults;

/// <summary>What was found, as a Markdown table: a row for each fault.</summary>
internal sealed class FaultTable
{
    private readonly List<Trial> _trials = [];
    private readonly List<(string Fault, string HowOften, string Outcome)> _others = [];

    /// <summary>Whether everything ended as it should.</summary>
    public bool IsFine { get; private set; } = true;

    /// <summary>Adds a rollout, and prints it.</summary>
    public void Add(Trial trial)
    {
        _trials.Add(trial);
        IsFine &= trial.IsFine;
        var failed = trial.Failed;
        Console.Error.WriteLine(
            $"  {(trial.IsFine ? "as it should" : "WRONG")}: {trial.Ended ?? "not ended"} after {trial.Took.TotalSeconds:0} s; of {failed.Requests} requests "
            + $"{failed.NoEndpoint} had no endpoint, {failed.NotReached} no pod, {failed.Unanswered} no answer{(failed.Reasons.Length == 0 ? "" : $" ({failed.Reasons})")}, {failed.ByVersion} failed by the version");
        foreach (var problem in trial.Problems)
            Console.Error.WriteLine($"    {problem}");
    }

    /// <summary>Adds a row about something that no load was sent to.</summary>
    public void Add(string fault, string howOften, string outcome, bool isFine)
    {
        _others.Add((fault, howOften, outcome));
        IsFine &= isFine;
        Console.Error.WriteLine($"  {(isFine ? "as it should" : "WRONG")}: {fault}: {outcome}");
    }

    public override string ToString()
    {
        var text = new StringBuilder("| Fault | How often | Outcome | Requests lost in the worst rollout | Failed by the bad version in the worst rollout | Longest rollout |\n|---|---|---|---|---|---|\n");
        foreach (var trials in _trials.GroupBy(trial => trial.Fault))
            text.Append(Row(trials.Key, [.. trials]));
        foreach (var (fault, howOften, outcome) in _others)
            text.Append(CultureInfo.InvariantCulture, $"| {fault} | {howOften} | {outcome} | – | – | – |\n");
        return text.ToString();
    }

    private static string Row(string fault, List<Trial> trials)
    {
        var worst = trials.MaxBy(trial => trial.Failed.Lost)!.Failed;
        var bad = trials.MaxBy(trial => trial.Failed.ByVersion)!.Failed;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {fault} | {Times(trials.Sum(trial => trial.Strikes))} in {Rollouts(trials.Count)} | {Outcome(trials)} | {Lost(worst)} | {ByVersion(bad)} | {trials.Max(trial => trial.Took).TotalSeconds:0} s |\n");
    }

    private static string Outcome(List<Trial> trials)
    {
        var fine = trials.Where(trial => trial.IsFine).GroupBy(trial => trial.Expected == "Healthy" ? "promoted" : "rolled back")
            .OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}").ToList();
        var wrong = trials.Count(trial => !trial.IsFine);
        return string.Join(", ", fine) + (wrong == 0 ? ", as they should" : $"{(fine.Count == 0 ? "" : ", ")}**{wrong} not as they should**");
    }

    private static string Lost(FailedRequests worst) => worst.Lost == 0
        ? "0"
        : $"{worst.Lost} of {worst.Requests:N0}: {worst.NoEndpoint} without an endpoint, {worst.NotReached} without their pod, {worst.Unanswered} unanswered";

    private static string ByVersion(FailedRequests bad) => bad.ByVersion == 0 ? "0" : $"{bad.ByVersion} of the {bad.OfCanary:N0} that it got";

    private static string Times(int count) => count == 1 ? "1 time" : $"{count} times";

    private static string Rollouts(int count) => count == 1 ? "1 rollout" : $"{count} rollouts";
}
