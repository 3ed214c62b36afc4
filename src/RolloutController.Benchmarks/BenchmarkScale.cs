namespace RolloutController.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Starts">New versions whose first ReplicaSet is waited for.</param>
/// <param name="Rollbacks">Versions that begin to fail.</param>
/// <param name="Resting">Rollouts at rest.</param>
/// <param name="Rest">How long they are watched.</param>
/// <param name="Scenarios">Rehearsals that chance makes up.</param>
/// <param name="Judgements">Simulated rollouts of each kind.</param>
/// <param name="Soak">Rollouts one after another in virtual time.</param>
internal sealed record BenchmarkScale(int Starts, int Rollbacks, int Resting, TimeSpan Rest, int Scenarios, int Judgements, int Soak)
{
    public static BenchmarkScale Full { get; } = new(20, 10, 100, TimeSpan.FromMinutes(10), 1000, 10_000, 10_000);

    public static BenchmarkScale Short { get; } = new(5, 3, 20, TimeSpan.FromMinutes(1), 100, 200, 600);
}
