using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Secrecy;

/// <summary>Everything that controllers have said in a namespace, to users and to operators.</summary>
internal sealed class Produced(ClusterApi api, string @namespace, IReadOnlyList<ControllerProcess> controllers)
{
    private static readonly string[] Paths = ["/metrics", "/health/detailed", "/readyz?verbose", "/api/v1/page", "/api/v1/rollouts"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<(string What, string Text)> _all = [];

    /// <summary>Reads it all, while the namespace and the controllers are there.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        foreach (var controller in controllers)
            await ReadAsync(controller, limit.Token);
        foreach (var rollout in await ListAsync(ClusterPath.Rollouts(@namespace), limit.Token))
        {
            _all.Add(($"The status of Rollout {rollout.Name()}", $"{rollout.At("status")?.ToJsonString()} {rollout.At("metadata.finalizers")?.ToJsonString()} {OwnAnnotations(rollout)}"));
            foreach (var controller in controllers)
                await ReadAsync(controller, $"/api/v1/rollouts/{@namespace}/{rollout.Name()}", limit.Token);
        }
        foreach (var told in await ListAsync(ClusterPath.Events(@namespace), limit.Token))
            _all.Add(($"An event ({told.Text("reason")})", told.ToJsonString()));
        foreach (var set in await ListAsync(ClusterPath.ReplicaSets(@namespace), limit.Token))
            _all.Add(($"The metadata of ReplicaSet {set.Name()}", $"{set.Name()} {set.At("metadata.labels")?.ToJsonString()} {OwnAnnotations(set)}"));
    }

    /// <summary>Fails where something of it holds a secret.</summary>
    public void AssertSecretsWereKept()
    {
        foreach (var (what, text) in _all)
            Canary.AssertNotIn(what, text);
    }

    private async Task ReadAsync(ControllerProcess controller, CancellationToken cancellationToken)
    {
        foreach (var path in Paths)
            await ReadAsync(controller, path, cancellationToken);
        _all.Add(("The log of the controller", controller.ReadLog()));
    }

    private async Task ReadAsync(ControllerProcess controller, string path, CancellationToken cancellationToken)
    {
        if (controller.HasExited)
            return;
        try
        {
            using var http = new HttpClient();
            using var answer = await http.GetAsync(new Uri(controller.Url, path), cancellationToken);
            _all.Add(($"{path} of the controller", $"{answer.Headers} {await answer.Content.ReadAsStringAsync(cancellationToken)}"));
        }
        catch (HttpRequestException) when (TestContext.CurrentContext.Result.FailCount > 0 || controller.HasExited)
        {
            // What ended it is told by the test.
        }
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await api.ListAsync(path, cancellationToken);
        }
        catch (ClusterApiException missing) when (missing.Status == HttpStatusCode.NotFound)
        {
            return [];
        }
    }

    /// <summary>Annotations, but for what kubectl keeps of the whole object as its user wrote it.</summary>
    private static string OwnAnnotations(JsonNode item) =>
        string.Join(' ', (item.At("metadata.annotations") as JsonObject ?? []).Where(pair => pair.Key != "kubectl.kubernetes.io/last-applied-configuration").Select(pair => $"{pair.Key}={pair.Value}"));
}
