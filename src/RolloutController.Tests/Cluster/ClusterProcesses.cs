using System.Net;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// The processes of the test cluster, found by the file <c>pids</c> beside its kubeconfig. What is started again stands in that file, so that
/// it ends with the cluster.
/// </summary>
internal sealed class ClusterProcesses
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly ClusterApi _api;

    private ClusterProcesses(ClusterApi api, string folder)
    {
        _api = api;
        ApiServer = ClusterProcess.Find(folder, "kube-apiserver");
        Etcd = ClusterProcess.Find(folder, "etcd");
    }

    /// <summary>The API server of the built-in kinds, through which custom resources are asked for, too.</summary>
    public ClusterProcess ApiServer { get; }

    /// <summary>The storage of all servers.</summary>
    public ClusterProcess Etcd { get; }

    /// <summary>Finds the processes of the cluster that <see cref="ClusterApi.KubeconfigVariable"/> names.</summary>
    /// <param name="api">Asks it, and waits while it is away.</param>
    public static ClusterProcesses FromEnvironment(ClusterApi api) =>
        new(api, Path.GetDirectoryName(Path.GetFullPath(Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!))!);

    /// <summary>Waits until both API servers answer.</summary>
    public async Task UntilServingAsync(CancellationToken cancellationToken)
    {
        await WaitFor.StateAsync(
            async token => (await _api.AskAsync(HttpMethod.Get, "/readyz", null, token)).Status, status => status == HttpStatusCode.OK, StartTime, "the API server to be ready", cancellationToken);
        await _api.ListAsync(ClusterPath.Rollouts("default"), cancellationToken);
    }
}
