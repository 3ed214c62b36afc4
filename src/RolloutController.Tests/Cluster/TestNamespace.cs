using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>A namespace of one test's own.</summary>
internal sealed class TestNamespace : IAsyncDisposable
{
    private static readonly TimeSpan CleanUpTime = TimeSpan.FromSeconds(20);

    private readonly ClusterApi _api;

    private TestNamespace(ClusterApi api, string name) => (_api, Name) = (api, name);

    public string Name { get; }

    public static async Task<TestNamespace> CreateAsync(ClusterApi api, CancellationToken cancellationToken)
    {
        var name = $"test-{Guid.NewGuid().ToString("N")[..10]}";
        await api.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", name, cancellationToken);
        return new TestNamespace(api, name);
    }

    /// <summary>The state of everything that a rollout touches, for a person to read.</summary>
    public async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var path in new[] { ClusterPath.Rollouts(Name), ClusterPath.HttpRoutes(Name), ClusterPath.GrpcRoutes(Name), ClusterPath.Services(Name) })
        {
            foreach (var item in await ListOrNoneAsync(path, cancellationToken))
                text.AppendLine(WaitFor.Describe(item));
        }
        foreach (var set in await ListOrNoneAsync(ClusterPath.ReplicaSets(Name), cancellationToken))
            text.AppendLine(null, $"ReplicaSet {set.Name()}: {set.Number("spec.replicas")} wanted, {set.Number("status.replicas")} there, {set.Number("status.availableReplicas")} available");
        foreach (var pod in await ListOrNoneAsync(ClusterPath.Pods(Name), cancellationToken))
            text.AppendLine(null, $"Pod {pod.Name()}: {pod.Text("status.phase")}, {(pod.Is("Ready") ? "ready" : "not ready")}{(pod.At("metadata.deletionTimestamp") is null ? "" : ", terminating")}, {pod.Text("status.podIP")}");
        foreach (var item in await ListOrNoneAsync(ClusterPath.Events(Name), cancellationToken))
            text.AppendLine(null, $"Event {item.Text("lastTimestamp") ?? item.Text("eventTime")} {item.Text("involvedObject.kind")} {item.Text("involvedObject.name")}: {item.Text("reason")}: {item.Text("message")}");
        return text.ToString();
    }

    /// <summary>
    /// Deletes the namespace and what is in it. Custom resources live behind another server and may hold finalizers of a controller that is
    /// gone, and pods have no kubelet any more that would end them.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(CleanUpTime);
        await _api.DeleteAsync(ClusterPath.Namespace(Name), limit.Token);
        foreach (var path in new[] { ClusterPath.Rollouts(Name), ClusterPath.HttpRoutes(Name), ClusterPath.GrpcRoutes(Name) })
            await DeleteAllAsync(path, limit.Token);
        var now = new JsonObject { ["gracePeriodSeconds"] = 0 };
        while ((await _api.ListAsync(ClusterPath.Pods(Name), limit.Token)).Count > 0)
        {
            await _api.DeleteAsync(ClusterPath.Pods(Name), limit.Token, now.DeepClone().AsObject());
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
        }
    }

    private async Task DeleteAllAsync(string collection, CancellationToken cancellationToken)
    {
        foreach (var item in await ListOrNoneAsync(collection, cancellationToken))
        {
            var path = $"{collection}/{item.Name()}";
            await _api.DeleteAsync(path, cancellationToken);
            if (item.Each("metadata.finalizers").Any() && await _api.GetAsync(path, cancellationToken) is not null)
                await _api.MergeAsync(path, "{metadata: {finalizers: null}}", cancellationToken);
        }
    }

    /// <summary>The objects of a collection, or none where the cluster does not serve the kind.</summary>
    private async Task<IReadOnlyList<JsonObject>> ListOrNoneAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await _api.ListAsync(path, cancellationToken);
        }
        catch (ClusterApiException exception) when (exception.Status == System.Net.HttpStatusCode.NotFound)
        {
            return [];
        }
    }
}
