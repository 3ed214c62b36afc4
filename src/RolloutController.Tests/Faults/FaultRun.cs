using NUnit.Framework;

namespace RolloutController.Tests.Faults;

/// <summary>A run that is over.</summary>
/// <param name="Story">Its story.</param>
/// <param name="Seed">What chance was drawn from.</param>
/// <param name="Faults">What went wrong on purpose.</param>
/// <param name="Journal">What happened.</param>
/// <param name="End">What was left in the end.</param>
/// <param name="Violations">The laws that were broken.</param>
internal sealed record FaultRun(FaultStory Story, int Seed, IReadOnlyList<Fault> Faults, Journal Journal, EndState End, IReadOnlyList<string> Violations)
{
    /// <summary>Fails where a law was broken, or where the end is not that of another run.</summary>
    /// <param name="golden">The run without faults; null where its end does not matter.</param>
    public FaultRun Require(FaultRun? golden = null)
    {
        var problems = Problems(golden);
        if (problems.Count > 0)
            Assert.Fail(Report(problems));
        return this;
    }

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<string> Problems(FaultRun? golden) => [.. Violations, .. golden is null ? [] : Differences(golden)];

    /// <summary>
    /// A first list asks for the most recent state, so a process that is told the past at its start has an API server that breaks its contract. Such a
    /// process may take a version back whose pods it cannot see yet, or go back to the version that it is told of and come again: that is safe.
    /// Where a version was taken back, all that is owed are the laws; else the history may have more to tell.
    /// </summary>
    private IEnumerable<string> Differences(FaultRun golden) => (BeginsInThePast(Faults), End.Failed) switch
    {
        (true, { Length: > 0 }) => [],
        (false, _) when !golden.End.History.SequenceEqual(End.History) => [.. golden.End.Differences(End), $"the history is {string.Join(", ", End.History)} and not {string.Join(", ", golden.End.History)}"],
        _ => golden.End.Differences(End),
    };

    /// <summary>Whether some process is told the past at its start.</summary>
    public static bool BeginsInThePast(IEnumerable<Fault> faults) => faults.Any(fault => fault is Fault.StaleRestart);

    /// <summary>All that is needed to see it again.</summary>
    public string Report(IReadOnlyList<string> problems) => $"""
        {Story}, seed {Seed}: [{string.Join(", ", Faults)}]
        {string.Join("\n", problems)}

        {Journal}
        """;
}
