using System.Diagnostics;
using System.Text.Json.Nodes;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks;

/// <summary>A namespace with everything that a rollout needs: played pods and gateway, simulated requests, Prometheus, and the controller.</summary>
internal sealed class BenchmarkBed : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Stack<IAsyncDisposable> _owned = [];
    private readonly MetricsEndpoint _metrics;
    private readonly TestNamespace _namespace;

    private BenchmarkBed(ClusterApi api, TestNamespace @namespace, MetricsEndpoint metrics, PrometheusProcess prometheus, ControllerProcess controller)
    {
        (Api, _namespace, _metrics, Prometheus, Controller) = (api, @namespace, metrics, prometheus, controller);
    }

    public ClusterApi Api { get; }

    public string Namespace => _namespace.Name;

    public PrometheusProcess Prometheus { get; }

    public ControllerProcess Controller { get; }

    public static async Task<BenchmarkBed> StartAsync(CancellationToken cancellationToken)
    {
        var api = ClusterApi.FromEnvironment();
        var @namespace = await TestNamespace.CreateAsync(api, cancellationToken);
        var metrics = await MetricsEndpoint.StartAsync(cancellationToken);
        var prometheus = await PrometheusProcess.StartAsync([metrics.Address], cancellationToken);
        var kubeconfig = Environment.GetEnvironmentVariable(ClusterApi.KubeconfigVariable)!;
        var kubelet = await KubeletPlayer.StartAsync(api, @namespace.Name, cancellationToken);
        var gateway = await GatewayPlayer.StartAsync(api, @namespace.Name, cancellationToken);
        // It elects a leader, as it does when it is installed.
        var controller = await ControllerProcess.StartAsync(kubeconfig, @namespace.Name, prometheus.Url, cancellationToken, leaseNamespace: @namespace.Name);
        var bed = new BenchmarkBed(api, @namespace, metrics, prometheus, controller);
        foreach (var part in new IAsyncDisposable[] { metrics, prometheus, kubelet, gateway, @namespace, controller })
            bed._owned.Push(part);
        return bed;
    }

    /// <summary>Applies a Rollout with its Service and its route, and waits until its first version has all the traffic.</summary>
    public async Task DeployAsync(RolloutBuilder rollout, CancellationToken cancellationToken)
    {
        await Api.ApplyAsync(Manifests.Service(rollout.Name), Namespace, cancellationToken);
        await Api.ApplyAsync(Manifests.HttpRoute(rollout.Name), Namespace, cancellationToken);
        await ApplyAsync(rollout, cancellationToken);
        await UntilAsync(rollout.Name, item => item.Text("status.phase") == "Healthy", "the first version", cancellationToken);
    }

    /// <summary>Applies a Rollout alone: a new version of it.</summary>
    public Task ApplyAsync(RolloutBuilder rollout, CancellationToken cancellationToken) => Api.ApplyAsync(rollout.Yaml(), Namespace, cancellationToken);

    /// <summary>Sends simulated requests through the route of a Rollout until the result is disposed.</summary>
    public Task<FakeTraffic> StartTrafficAsync(string name, double requestsPerSecond, CancellationToken cancellationToken) =>
        FakeTraffic.StartAsync(Api, _metrics, Namespace, name, name, requestsPerSecond, cancellationToken);

    /// <summary>Waits until a Rollout meets a condition.</summary>
    public Task<JsonObject> UntilAsync(string name, Func<JsonObject, bool> condition, string what, CancellationToken cancellationToken) =>
        WaitFor.ObjectAsync(Api, ClusterPath.Rollouts(Namespace, name), condition, Patience, what, cancellationToken);

    /// <summary>Removes a Rollout with its pods, so that it costs the next measurement nothing.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await Api.DeleteAsync(ClusterPath.Rollouts(Namespace, name), cancellationToken);
        await WaitFor.GoneAsync(Api, ClusterPath.Rollouts(Namespace, name), Patience, cancellationToken);
        await Api.DeleteAsync(ClusterPath.HttpRoutes(Namespace, name), cancellationToken);
        await Api.DeleteAsync(ClusterPath.Services(Namespace, name), cancellationToken);
    }

    /// <summary>How long one write takes here and now: what the other durations are measured against.</summary>
    public async Task<TimeSpan> WriteTimeAsync(CancellationToken cancellationToken)
    {
        var name = "write-time";
        await Api.ApplyAsync(Manifests.Service(name), Namespace, cancellationToken);
        var times = new List<TimeSpan>();
        for (var number = 0; number < 50; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await Api.MergeAsync(ClusterPath.Services(Namespace, name), $"{{metadata: {{annotations: {{number: \"{number}\"}}}}}}", cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(started));
        }
        await Api.DeleteAsync(ClusterPath.Services(Namespace, name), cancellationToken);
        return new Durations(times).Median;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _owned)
            await part.DisposeAsync();
        Api.Dispose();
    }
}
