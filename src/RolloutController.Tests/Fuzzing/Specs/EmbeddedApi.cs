using System.Text;
using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Fuzzing.Specs;

/// <summary>Asks an embedded API in this process whether it would create a Rollout.</summary>
internal sealed class EmbeddedApi : IDisposable
{
    private static readonly Uri Rollouts = new("https://embedded/apis/rollouts.dev/v1alpha1/namespaces/default/rollouts?dryRun=All");

    private readonly HttpClient _http;

    /// <summary>Opens it.</summary>
    /// <param name="prepare">Changes the cluster before; null for nothing.</param>
    public EmbeddedApi(Action<EmbeddedCluster>? prepare = null)
    {
        var cluster = new ControlPlane(TimeProvider.System, new Random(1)).Cluster;
        prepare?.Invoke(cluster);
        _http = new HttpClient(new ApiHandler(new RolloutController.Rehearsal.Cluster.ApiServer(cluster)));
    }

    /// <summary>Makes an API of one that knows no CEL, as it was before Kubernetes 1.25.</summary>
    public static void ForgetRules(EmbeddedCluster cluster) =>
        cluster.Change("customresourcedefinitions", "", "rollouts.rollouts.dev", definition => Strip(definition["spec"]!["versions"]));

    /// <summary>Asks; nothing is stored.</summary>
    public ApiReply TryCreate(JsonObject rollout)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Rollouts) { Content = new StringContent(rollout.ToJsonString(), Encoding.UTF8, "application/json") };
        using var response = _http.SendAsync(request).GetAwaiter().GetResult();
        return new ApiReply(response.StatusCode, JsonNode.Parse(response.Content.ReadAsStringAsync().GetAwaiter().GetResult())!.AsObject());
    }

    public void Dispose() => _http.Dispose();

    private static void Strip(JsonNode? node)
    {
        (node as JsonObject)?.Remove("x-kubernetes-validations");
        foreach (var child in node switch { JsonObject map => map.Select(member => member.Value), JsonArray list => list, _ => Enumerable.Empty<JsonNode?>() })
            Strip(child);
    }
}
