using RolloutController.Control.Health;
using RolloutController.Hosting.Options;

namespace RolloutController.Hosting.Health;

/// <summary>What the host itself says: whether its configuration holds, and that it is going down.</summary>
internal sealed class HostReport(ControllerOptions options, IHostApplicationLifetime lifetime) : IHealthReport
{
    private readonly IReadOnlyList<string> _problems = options.Problems();

    public IReadOnlyList<HealthCheck> Live() => [new("process", true, "It answers.")];

    public IReadOnlyList<HealthCheck> Ready() =>
    [
        .. _problems.Select(problem => new HealthCheck("configuration", false, problem)),
        .. _problems.Count == 0 ? [new HealthCheck("configuration", true, "It is complete.")] : Array.Empty<HealthCheck>(),
        lifetime.ApplicationStopping.IsCancellationRequested
            ? new("shutdown", false, "The controller is stopping.")
            : new("shutdown", true, "It is not stopping."),
    ];

    public IReadOnlyDictionary<string, string> Details() => new Dictionary<string, string>
    {
        ["namespaces"] = options.Namespaces.Count == 0 ? "all" : string.Join(", ", options.Namespaces),
        ["metricProviders"] = options.Providers.Count == 0 ? "none" : string.Join(", ", options.Providers.Select(provider => provider.Name)),
        ["leaderElection"] = options.LeaderElection ? "on" : "off",
    };
}
