using NUnit.Framework;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;

namespace RolloutController.Tests;

/// <summary>
/// The cluster of the cluster tests: the one that <c>ROLLOUT_TEST_KUBECONFIG</c> names, or else an embedded one of this process, which
/// other processes reach over a loopback port.
/// </summary>
[SetUpFixture]
internal sealed class TestCluster
{
    private const string Variable = "ROLLOUT_TEST_KUBECONFIG";

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private LoopbackServer? _server;
    private string? _folder;

    /// <summary>Whether the cluster is the embedded one.</summary>
    public static bool IsEmbedded { get; private set; }

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
            return;
        IsEmbedded = true;
        var controlPlane = new ControlPlane(TimeProvider.System, Random.Shared);
        _running = controlPlane.RunAsync(_stop.Token);
        var token = Guid.NewGuid().ToString("N");
        _server = await LoopbackServer.StartAsync(new ApiServer(controlPlane.Cluster, new Access(controlPlane.Cluster, token)), port: 0, _stop.Token);
        _folder = Directory.CreateTempSubdirectory("rollout-embedded-").FullName;
        var kubeconfig = Path.Combine(_folder, "kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, _server.Kubeconfig(token), _stop.Token);
        Environment.SetEnvironmentVariable(Variable, kubeconfig);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _running;
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
        _stop.Dispose();
    }
}
