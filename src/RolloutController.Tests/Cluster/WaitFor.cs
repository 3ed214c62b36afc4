using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Secrecy;

namespace RolloutController.Tests.Cluster;

/// <summary>Waits until something holds; where it does not in time, the test fails with the last state that was seen.</summary>
internal static class WaitFor
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Waits until an object is there and meets a condition, and gives it back.</summary>
    public static async Task<JsonObject> ObjectAsync(
        ClusterApi api, string path, Func<JsonObject, bool> condition, TimeSpan timeout, string what, CancellationToken cancellationToken) =>
        (await StateAsync(token => api.GetAsync(path, token), found => found is not null && condition(found), timeout, what, cancellationToken))!;

    /// <summary>Waits until an object is gone.</summary>
    public static Task GoneAsync(ClusterApi api, string path, TimeSpan timeout, CancellationToken cancellationToken) =>
        StateAsync(token => api.GetAsync(path, token), found => found is null, timeout, $"{path} to be gone", cancellationToken);

    /// <summary>Waits until the objects of a collection together meet a condition, and gives them back.</summary>
    public static Task<IReadOnlyList<JsonObject>> ListAsync(
        ClusterApi api, string path, Func<IReadOnlyList<JsonObject>, bool> condition, TimeSpan timeout, string what, CancellationToken cancellationToken) =>
        StateAsync(token => api.ListAsync(path, token), condition, timeout, what, cancellationToken);

    /// <summary>Waits until a condition holds on what is read again and again, and gives back that state.</summary>
    public static async Task<T> StateAsync<T>(
        Func<CancellationToken, Task<T>> read, Func<T, bool> condition, TimeSpan timeout, string what, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var state = await read(cancellationToken);
            if (condition(state))
                return state;
            if (watch.Elapsed > timeout)
                throw new AssertionException($"Waited {timeout.TotalSeconds:0.#} s for {what}. Last seen:\n{Describe(state)}");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>An object for a person to read: without the fields that only field managers need.</summary>
    public static string Describe(object? state) => state switch
    {
        null => "nothing",
        JsonObject node => Canary.Without(WithoutManagedFields(node).ToJsonString(Indented)),
        IEnumerable<JsonObject> nodes => string.Join('\n', nodes.Select(node => $"{node.Text("kind")} {node.Name()}: {node["status"]?.ToJsonString()}")),
        _ => state.ToString() ?? "",
    };

    private static JsonNode WithoutManagedFields(JsonObject node)
    {
        var copy = node.DeepClone();
        (copy["metadata"] as JsonObject)?.Remove("managedFields");
        return copy;
    }
}
