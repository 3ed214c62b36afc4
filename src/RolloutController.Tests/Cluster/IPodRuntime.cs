using System.Text.Json.Nodes;

namespace RolloutController.Tests.Cluster;

/// <summary>What stands behind the pods that <see cref="KubeletPlayer"/> reports on.</summary>
internal interface IPodRuntime : IAsyncDisposable
{
    /// <summary>Starts what the pod runs; returns once it serves on the IP.</summary>
    Task StartAsync(JsonObject pod, string ip, CancellationToken cancellationToken);

    /// <summary>How a pod turns out; null where its template says.</summary>
    PodBehaviour? BehaviourOf(JsonObject pod) => null;

    /// <summary>Asks it to end and returns once it has; does nothing for a pod that was never started.</summary>
    Task StopAsync(JsonObject pod, CancellationToken cancellationToken);
}

/// <summary>Nothing stands behind the pods: the API shows them, and that is all that most tests need.</summary>
internal sealed class NoPods : IPodRuntime
{
    public Task StartAsync(JsonObject pod, string ip, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(JsonObject pod, CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
