using RolloutController.Analysis;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Benchmarks;

/// <summary>How the canary and the stable version fail requests beside each other.</summary>
/// <param name="Name">What it is.</param>
/// <param name="IsFine">Whether the canary should be promoted.</param>
/// <param name="Canary">The canary's error rate at a time of the rollout.</param>
/// <param name="Stable">The stable version's.</param>
internal sealed record SimulatedVersions(string Name, bool IsFine, Func<TimeSpan, double> Canary, Func<TimeSpan, double> Stable)
{
    private const double Usual = 0.005;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>How many requests fail together.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>All that are simulated. At most 1 % is fine, and half as many errors again as stable.</summary>
    public static IReadOnlyList<SimulatedVersions> All { get; } =
    [
        Of("healthy: 0.5 % like stable", true, Usual),
        new("borderline: 1 %, stable 0.67 %", true, _ => 0.01, _ => 0.01 / 1.5),
        Of("bursty: like stable, five at a time", true, Usual) with { Burst = 5 },
        new("incident: both 30 % for two minutes", true, Incident, Incident),
        new("diurnal: both between 0.2 % and 0.8 %", true, Wave, Wave),
        Of("2 times as bad: 1 %", false, 2 * Usual),
        Of("4 times as bad: 2 %", false, 4 * Usual),
        Of("10 times as bad: 5 %", false, 10 * Usual),
        Of("total failure", false, 1),
    ];

    /// <summary>What is counted from one look to the next.</summary>
    /// <param name="random">The source of chance.</param>
    /// <param name="requests">Requests to both together.</param>
    /// <param name="share">The canary's share, 0 to 1.</param>
    /// <param name="at">The time of the rollout.</param>
    public LookCounts Look(Random random, double requests, double share, TimeSpan at)
    {
        var all = (long)requests + (random.NextDouble() < requests % 1 ? 1 : 0);
        var canary = Chance.Binomial(random, all, share);
        return new LookCounts(canary, Errors(random, canary, Canary(at)), all - canary, Errors(random, all - canary, Stable(at)));
    }

    private long Errors(Random random, long requests, double rate) =>
        Math.Min(requests, Burst * Chance.Binomial(random, requests / Burst, rate));

    private static SimulatedVersions Of(string name, bool isFine, double rate) => new(name, isFine, _ => rate, _ => Usual);

    private static double Incident(TimeSpan at) => at > 7 * Minute && at < 9 * Minute ? 0.3 : Usual;

    private static double Wave(TimeSpan at) => Usual + (0.003 * Math.Sin(at / (20 * Minute) * 2 * Math.PI));
}
