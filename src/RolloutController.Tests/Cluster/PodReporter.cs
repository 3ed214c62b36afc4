using System.Net;
using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>What a kubelet and a scheduler write about pods, a few at a time so that the API server of a small machine is not flooded.</summary>
internal sealed class PodReporter(ClusterApi api, string @namespace) : IDisposable
{
    private readonly SemaphoreSlim _atOnce = new(16);

    /// <summary>Binds a pod to the node. A request that was carried out, though its answer was lost, is refused when it is sent again.</summary>
    public Task BindAsync(JsonObject pod, CancellationToken cancellationToken) => LimitedAsync(
        async () =>
        {
            try
            {
                return await api.CreateAsync(ClusterPath.Pods(@namespace, pod.Name()) + "/binding", Binding(pod), cancellationToken);
            }
            catch (ClusterApiException refused) when (refused.Status == HttpStatusCode.Conflict)
            {
                var now = await api.GetAsync(ClusterPath.Pods(@namespace, pod.Name()), cancellationToken);
                if (now is null || now.Uid() != pod.Uid() || now.At("spec.nodeName") is null)
                    throw;
                return now;
            }
        },
        cancellationToken);

    /// <summary>Writes a status; a conflict tells that the name now belongs to another pod.</summary>
    public Task ReportAsync(JsonObject pod, JsonObject status, CancellationToken cancellationToken)
    {
        status["metadata"] = new JsonObject { ["uid"] = pod.Uid() };
        return LimitedAsync(() => api.StrategicMergeAsync(ClusterPath.Pods(@namespace, pod.Name()) + "/status", status, cancellationToken), cancellationToken);
    }

    /// <summary>Removes a pod that has ended.</summary>
    public Task RemoveAsync(JsonObject pod, CancellationToken cancellationToken) => LimitedAsync(
        async () =>
        {
            var options = new JsonObject { ["gracePeriodSeconds"] = 0, ["preconditions"] = new JsonObject { ["uid"] = pod.Uid() } };
            await api.DeleteAsync(ClusterPath.Pods(@namespace, pod.Name()), cancellationToken, options);
            return pod;
        },
        cancellationToken);

    public Task WarnAsync(JsonObject pod, string reason, string message, CancellationToken cancellationToken) => LimitedAsync(() => api.CreateAsync(
        ClusterPath.Events(@namespace),
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["generateName"] = $"{pod.Name()}." },
            ["involvedObject"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["namespace"] = @namespace, ["name"] = pod.Name(), ["uid"] = pod.Uid() },
            ["type"] = "Warning",
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = "kubelet", ["host"] = "local" },
            ["firstTimestamp"] = PodStatus.Now(),
            ["lastTimestamp"] = PodStatus.Now(),
            ["count"] = 1,
        },
        cancellationToken), cancellationToken);

    public void Dispose() => _atOnce.Dispose();

    private static JsonObject Binding(JsonObject pod) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Binding",
        ["metadata"] = new JsonObject { ["name"] = pod.Name(), ["uid"] = pod.Uid() },
        ["target"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = "local" },
    };

    private async Task LimitedAsync(Func<Task<JsonObject>> call, CancellationToken cancellationToken)
    {
        await _atOnce.WaitAsync(cancellationToken);
        try
        {
            await call();
        }
        finally
        {
            _atOnce.Release();
        }
    }
}
