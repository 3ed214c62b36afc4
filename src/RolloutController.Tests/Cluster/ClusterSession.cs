using NUnit.Framework;
using RolloutController.Tests.Crd;

// Cluster tests mostly wait. Only they run side by side: no other fixture says that it may.
[assembly: LevelOfParallelism(4)]

namespace RolloutController.Tests.Cluster;

/// <summary>
/// What all cluster tests of a run share: the controller's ServiceAccount, one endpoint for simulated traffic, and one Prometheus, because
/// Prometheus takes five seconds to scrape a new target for the first time.
/// </summary>
[SetUpFixture]
internal sealed class ClusterSession
{
    private static readonly SemaphoreSlim s_once = new(1);
    private static MetricsEndpoint? s_metrics;
    private static PrometheusProcess? s_prometheus;
    private static string? s_account;

    /// <summary>The endpoint that the shared Prometheus scrapes, both started when they are first asked for.</summary>
    public static async Task<(MetricsEndpoint Metrics, PrometheusProcess Prometheus)> SharedAsync(CancellationToken cancellationToken)
    {
        await s_once.WaitAsync(cancellationToken);
        try
        {
            s_metrics ??= await MetricsEndpoint.StartAsync(cancellationToken);
            s_prometheus ??= await PrometheusProcess.StartAsync([s_metrics.Address], cancellationToken);
            return (s_metrics, s_prometheus);
        }
        finally
        {
            s_once.Release();
        }
    }

    /// <summary>A kubeconfig of the controller's ServiceAccount, with the rights of <c>deploy/rbac.yaml</c> and no others.</summary>
    public static async Task<string> AccountAsync(ClusterApi api, CancellationToken cancellationToken)
    {
        await s_once.WaitAsync(cancellationToken);
        try
        {
            if (s_account is null)
            {
                var manifest = await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/rbac.yaml"), cancellationToken);
                s_account = await ServiceAccountKubeconfig.CreateAsync(api, manifest, Directory.CreateTempSubdirectory("rollout-account-").FullName, cancellationToken);
            }
            return s_account;
        }
        finally
        {
            s_once.Release();
        }
    }

    [OneTimeTearDown]
    public async Task StopSharedAsync()
    {
        if (s_account is not null)
            Directory.Delete(Path.GetDirectoryName(s_account)!, recursive: true);
        if (s_prometheus is not null)
            await s_prometheus.DisposeAsync();
        if (s_metrics is not null)
            await s_metrics.DisposeAsync();
    }
}
