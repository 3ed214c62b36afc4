using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using NUnit.Framework.Interfaces;
using RolloutController.Tests.Crd;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// A test against a real control plane: it has a namespace of its own and starts beside it what it needs. Everything is ended with the
/// test; when it failed, the state of the namespace is printed first.
/// </summary>
[Category("Cluster")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
internal abstract class ClusterTest : IDisposable
{
    private readonly Stack<IAsyncDisposable> _owned = [];
    private ClusterApi? _api;
    private TestNamespace? _namespace;
    private CancellationTokenSource? _limit;
    private readonly List<ControllerProcess> _controllers = [];

    /// <summary>How long a test may take.</summary>
    protected virtual TimeSpan Limit => TimeSpan.FromMinutes(3);

    /// <summary>The API server.</summary>
    protected ClusterApi Api => _api!;

    /// <summary>The test's namespace.</summary>
    protected string Namespace => _namespace!.Name;

    /// <summary>Ends the test when it takes too long.</summary>
    protected CancellationToken Cancellation => _limit!.Token;

    [SetUp]
    public async Task SetUpNamespaceAsync()
    {
        _api = ClusterApi.FromEnvironment();
        _limit = new CancellationTokenSource(Limit);
        _namespace = await TestNamespace.CreateAsync(_api, Cancellation);
    }

    [TearDown]
    public async Task TearDownNamespaceAsync()
    {
        if (_namespace is null)
            return;
        if (TestContext.CurrentContext.Result.Outcome.Status == TestStatus.Failed)
            await DumpAsync();
        var produced = new Produced(Api, Namespace, _controllers);
        try
        {
            if (_controllers.Count > 0)
                await produced.ReadAsync(CancellationToken.None);
        }
        finally
        {
            // The namespace goes while the controller no longer writes and before the players stop.
            await EndAsync([.. _controllers, _namespace, .. _owned]);
        }

        produced.AssertSecretsWereKept();
    }

    public void Dispose()
    {
        _api?.Dispose();
        _limit?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends something with the test.</summary>
    protected T Own<T>(T disposable)
        where T : IAsyncDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }

    /// <summary>Applies manifests to the test's namespace, as a user would.</summary>
    protected Task<JsonObject> ApplyAsync(string yaml) => Api.ApplyAsync(yaml, Namespace, Cancellation);

    /// <summary>Ignores the test unless the cluster serves Rollouts.</summary>
    protected async Task RequireRolloutsAsync()
    {
        try
        {
            await Api.ListAsync(ClusterPath.Rollouts(Namespace), Cancellation);
        }
        catch (ClusterApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            Assert.Ignore("The cluster does not serve Rollouts: install the project's CRDs there.");
        }
    }

    /// <summary>Starts to play the namespace's pods.</summary>
    protected async Task<KubeletPlayer> StartKubeletAsync(IPodRuntime? runtime = null) =>
        Own(await KubeletPlayer.StartAsync(Api, Namespace, Cancellation, runtime));

    /// <summary>Starts to answer the namespace's routes.</summary>
    protected async Task<GatewayPlayer> StartGatewayAsync() => Own(await GatewayPlayer.StartAsync(Api, Namespace, Cancellation));

    /// <summary>Starts nginx as the namespace's gateway.</summary>
    protected async Task<NginxGateway> StartNginxAsync() => Own(await NginxGateway.StartAsync(Api, Namespace, Cancellation));

    /// <summary>The Prometheus that all tests share; it scrapes the simulated traffic. A test that stops its Prometheus starts one of its own.</summary>
    protected async Task<PrometheusProcess> SharedPrometheusAsync() => (await ClusterSession.SharedAsync(Cancellation)).Prometheus;

    /// <summary>Starts simulated requests, which the shared Prometheus scrapes.</summary>
    /// <param name="route">The HTTPRoute that they go through; null when they go straight to the Service.</param>
    protected async Task<FakeTraffic> StartTrafficAsync(string service, string? route, double requestsPerSecond)
    {
        var (metrics, _) = await ClusterSession.SharedAsync(Cancellation);
        return Own(await FakeTraffic.StartAsync(Api, metrics, Namespace, service, route, requestsPerSecond, Cancellation));
    }

    /// <summary>Starts to record every version of the objects of a collection.</summary>
    protected async Task<ObjectHistory> RecordAsync(string collection) => Own(await ObjectHistory.StartAsync(Api, collection, Cancellation));

    /// <summary>Starts the controller for the test's namespace, with all rights unless a kubeconfig is given.</summary>
    /// <param name="leaseNamespace">Where it elects a leader; null for no election.</param>
    protected async Task<ControllerProcess> StartControllerAsync(Uri? prometheus, string? kubeconfig = null, string? leaseNamespace = null, params string[] more)
    {
        kubeconfig ??= Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!;
        var controller = await ControllerProcess.StartAsync(kubeconfig, Namespace, prometheus, Cancellation, leaseNamespace, more);
        _controllers.Add(controller);
        return controller;
    }

    /// <summary>Starts the controller as a pod of the chart does.</summary>
    /// <param name="pod">Its arguments, environment and files.</param>
    /// <param name="kubeconfig">Its account.</param>
    protected async Task<ControllerProcess> StartInstalledAsync(InstalledPod pod, string kubeconfig)
    {
        var controller = await ControllerProcess.StartInstalledAsync(pod, kubeconfig, Cancellation);
        _controllers.Add(controller);
        return controller;
    }

    /// <summary>Gives the controller's ServiceAccount the rights on leases in the test's namespace that the manifest gives in the one that it is installed in.</summary>
    protected async Task GrantLeasesAsync()
    {
        var manifest = await File.ReadAllTextAsync(RepositoryFiles.PathOf("deploy/rbac.yaml"), Cancellation);
        foreach (var rights in Yaml.ParseAll(manifest).Where(item => item.Text("kind") is "Role" or "RoleBinding"))
        {
            rights["metadata"]!["namespace"] = Namespace;
            await ApplyAsync(rights.ToJsonString());
        }
    }

    /// <summary>Waits until an object of the test meets a condition.</summary>
    protected Task<JsonObject> UntilAsync(string path, Func<JsonObject, bool> condition, string what, double seconds = 30) =>
        WaitFor.ObjectAsync(Api, path, condition, TimeSpan.FromSeconds(seconds), what, Cancellation);

    /// <summary>Waits until the objects of a collection together meet a condition.</summary>
    protected Task<IReadOnlyList<JsonObject>> UntilAllAsync(string path, Func<IReadOnlyList<JsonObject>, bool> condition, string what, double seconds = 30) =>
        WaitFor.ListAsync(Api, path, condition, TimeSpan.FromSeconds(seconds), what, Cancellation);

    private async Task DumpAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await TestContext.Out.WriteLineAsync(await _namespace!.DescribeAsync(limit.Token));
        foreach (var controller in _controllers)
            await TestContext.Out.WriteLineAsync($"The end of a controller's log:\n{controller.LogTail(100)}");
    }

    /// <summary>Ends everything, even where ending one thing fails; that is told afterwards.</summary>
    private static async Task EndAsync(IEnumerable<IAsyncDisposable> all)
    {
        var failures = new List<Exception>();
        foreach (var one in all)
        {
            try
            {
                await one.DisposeAsync();
            }
#pragma warning disable CA1031 // Told below.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures.Add(exception);
            }
        }
        if (failures.Count > 0)
            throw new AggregateException("The test bed could not end what the test started.", failures);
    }
}
