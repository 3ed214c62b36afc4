using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Cluster.Workloads;

/// <summary>
/// Plays a metrics server for one namespace: a load in millicores that its ready pods share evenly. The API server reaches it by
/// aggregation, as it reaches a real one.
/// </summary>
internal sealed class ResourceMetrics : IAsyncDisposable
{
    private const string Group = "/apis/metrics.k8s.io/v1beta1";
    private const string ApiService = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io";

    private readonly ClusterApi _api;
    private readonly string _namespace;
    private TestApi? _server;

    private ResourceMetrics(ClusterApi api, string @namespace, double load) => (_api, _namespace, Load) = (api, @namespace, load);

    /// <summary>What all pods use together, in millicores.</summary>
    public double Load { get; set; }

    public static async Task<ResourceMetrics> StartAsync(ClusterApi api, string @namespace, double load, CancellationToken cancellationToken)
    {
        var metrics = new ResourceMetrics(api, @namespace, load);
        using var authority = TestCertificates.Authority("metrics");
        metrics._server = await TestApi.StartAsync(metrics.AnswerAsync, authority.Issue("localhost"));
        await api.ApplyAsync(
            $$"""
            {apiVersion: v1, kind: Service, metadata: {name: metrics-server}, spec: {type: ExternalName, externalName: localhost, sessionAffinity: None} }
            """,
            @namespace, cancellationToken);
        var service = Yaml.Parse(
            $$"""
            apiVersion: apiregistration.k8s.io/v1
            kind: APIService
            metadata: {name: v1beta1.metrics.k8s.io}
            spec:
              {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true,
               service: {name: metrics-server, namespace: {{@namespace}}, port: {{metrics._server.Address.Port}} } }
            """);
        await api.CreateAsync(ApiService[..ApiService.LastIndexOf('/')], service, cancellationToken);
        return metrics;
    }

    /// <summary>Takes the group out of the API again: while it is there and nobody answers for it, namespaces cannot be deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _api.DeleteAsync(ApiService, limit.Token);
        await _server!.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var answer = context.Request.Path.Value == $"{Group}/namespaces/{_namespace}/pods" ? await PodsAsync(context.RequestAborted) : Discovery();
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }

    private static JsonObject Discovery() => Yaml.Parse(
        """
        {kind: APIResourceList, apiVersion: v1, groupVersion: metrics.k8s.io/v1beta1, resources: [{name: pods, singularName: "", namespaced: true, kind: PodMetrics, verbs: [get, list]}]}
        """);

    private async Task<JsonObject> PodsAsync(CancellationToken cancellationToken)
    {
        var pods = (await _api.ListAsync(ClusterPath.Pods(_namespace), cancellationToken)).Where(pod => pod.IsServing()).ToList();
        var each = pods.Count == 0 ? 0 : (long)(Load * 1_000_000 / pods.Count);
        return new JsonObject
        {
            ["kind"] = "PodMetricsList",
            ["apiVersion"] = "metrics.k8s.io/v1beta1",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. pods.Select(pod => Yaml.Parse(
                $$"""
                {metadata: {name: {{pod.Name()}}, namespace: {{_namespace}} }, timestamp: "{{PodStatus.Now()}}", window: 1s,
                 containers: [{name: app, usage: {cpu: {{each}}n, memory: 1Mi} }] }
                """))]),
        };
    }
}
