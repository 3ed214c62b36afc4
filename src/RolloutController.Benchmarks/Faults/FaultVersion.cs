using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>A new version, and where its rollout has to end.</summary>
/// <param name="FailPercent">The percentage of its requests that it answers with 500.</param>
/// <param name="Expected">The phase that its rollout has to end in.</param>
internal sealed record FaultVersion(double FailPercent, string Expected)
{
    private const string Promoted = "Healthy";
    private const string RolledBack = "RolledBack";

    /// <summary>Fails nothing, and is promoted.</summary>
    public static FaultVersion Good { get; } = new(0, Promoted);

    /// <summary>Fails a fifth of its requests, and is rolled back.</summary>
    public static FaultVersion Bad { get; } = new(20, RolledBack);

    /// <summary>Fails nothing, and is taken back by a person.</summary>
    public static FaultVersion Aborted { get; } = new(0, RolledBack);

    /// <summary>Fails a fifth of its requests, which a probe of its pods finds without any provider.</summary>
    public static FaultVersion Probed { get; } = Bad with { Check = "probe" };

    /// <summary>The check that rolls it back; null where any may.</summary>
    public string? Check { get; private init; }

    /// <summary>How long each step holds at the least.</summary>
    public string Hold { get; init; } = "2s";

    public bool IsPromoted => Expected == Promoted;

    /// <summary>The Rollout that asks for it.</summary>
    /// <param name="name">The version's name.</param>
    public RolloutBuilder Rollout(string name) => new(Manifests.Template(name, "shop", (PodAnnotations.FailPercent, $"{FailPercent}"), (PodAnnotations.Drain, "3000")))
    {
        Replicas = FaultBed.Replicas,
        Hold = Hold,
        Propagation = "1s",
        ScaleDownDelay = "2s",
        // As long as what is played may take: what stands still is to be waited for, not given up.
        ProgressDeadline = "5m",
        MaxErrorRate = Check is null ? "1%" : null,
        More = Check is null
            ? ""
            : $"  analysis: {{interval: 1s, errorRate: {{max: 1%}}, checks: [{{name: {Check}, http: {{path: /, port: {RealPods.Port}}}, failures: 1}}]}}",
    };
}
