namespace RolloutController.Benchmarks.Faults;

/// <summary>One rollout during which something went wrong, and what became of it.</summary>
/// <param name="Fault">What went wrong.</param>
/// <param name="Strikes">How often.</param>
/// <param name="Expected">The phase that it had to end in.</param>
/// <param name="Ended">The phase that it ended in; null where it did not end.</param>
/// <param name="Failed">Requests that failed meanwhile.</param>
/// <param name="Took">From the new version to rest.</param>
/// <param name="Problems">What was not as it has to be.</param>
internal sealed record Trial(string Fault, int Strikes, string Expected, string? Ended, FailedRequests Failed, TimeSpan Took, IReadOnlyList<string> Problems)
{
    /// <summary>Whether it ended where it should, with nothing lost.</summary>
    public bool IsFine => Ended == Expected && Problems.Count == 0;
}
