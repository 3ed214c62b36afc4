using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Crd;

/// <summary>The API server that <c>ROLLOUT_TEST_KUBECONFIG</c> names, and a namespace of its own in it.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private const string Variable = "ROLLOUT_TEST_KUBECONFIG";
    private readonly HttpClient _http;
    private readonly string _namespace = $"crd-{Guid.NewGuid():N}"[..12];

    private ApiServer(HttpClient http) => _http = http;

    /// <summary>The path of the Rollouts in the test's namespace.</summary>
    public string Rollouts => $"apis/rollouts.dev/v1alpha1/namespaces/{_namespace}/rollouts";

    /// <summary>Connects and makes the namespace; without a cluster the test is ignored, without the CRD it fails.</summary>
    public static async Task<ApiServer> ConnectAsync(CancellationToken cancellation)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } kubeconfig)
            throw new IgnoreException(
                $"These tests need a Kubernetes API server: set {Variable} to the kubeconfig of a test cluster in which " +
                $"{CrdSchema.File} is installed.");

        var server = new ApiServer(Client(kubeconfig));
        const string anyRollout = "apis/rollouts.dev/v1alpha1/rollouts?limit=1";
        var served = await server.SendAsync(HttpMethod.Get, anyRollout, null, cancellation);
        Assert.That(served.Status, Is.EqualTo(HttpStatusCode.OK),
            $"The cluster that {Variable} names does not serve Rollouts: install {CrdSchema.File} there first.");
        var body = new JsonObject { ["metadata"] = new JsonObject { ["name"] = server._namespace } };
        var made = await server.SendAsync(HttpMethod.Post, "api/v1/namespaces", body, cancellation);
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Created), made.ToString());
        return server;
    }

    /// <summary>Asks whether the API server would create this Rollout.</summary>
    public Task<ApiReply> TryCreateAsync(JsonNode rollout, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, $"{Rollouts}?dryRun=All&fieldValidation=Strict", rollout, cancellation);

    /// <summary>Creates a Rollout under a name that the API server makes, and returns the name.</summary>
    public async Task<string> CreateAsync(JsonNode rollout, CancellationToken cancellation)
    {
        var named = rollout.DeepClone();
        named["metadata"] = new JsonObject { ["generateName"] = "sample-" };
        var reply = await SendAsync(HttpMethod.Post, $"{Rollouts}?fieldValidation=Strict", named, cancellation);
        Assert.That(reply.Status, Is.EqualTo(HttpStatusCode.Created), reply.ToString());
        return (string)reply.Body["metadata"]!["name"]!;
    }

    /// <summary>
    /// Asks whether the API server would take this merge patch of a Rollout (<c>shop</c>) or of a part (<c>shop/status</c>).
    /// </summary>
    public Task<ApiReply> TryPatchAsync(string rollout, JsonNode patch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, $"{Rollouts}/{rollout}?dryRun=All&fieldValidation=Strict", patch, cancellation);

    /// <summary>Sends one request and reads the answer, whatever it is.</summary>
    public async Task<ApiReply> SendAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            var type = method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json";
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));
        }

        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        var reply = text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["message"] = text };
        return new(response.StatusCode, reply);
    }

    public async ValueTask DisposeAsync()
    {
        await SendAsync(HttpMethod.Delete, $"api/v1/namespaces/{_namespace}", null, CancellationToken.None);
        _http.Dispose();
    }

    private static HttpClient Client(string kubeconfig)
    {
        var config = YamlFile.Documents(kubeconfig).Single();
        var handler = new HttpClientHandler
        {
            // A test cluster signs its own certificate; nothing secret travels there.
            ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator,
        };
        var http = new HttpClient(handler) { BaseAddress = new((string)config["clusters"]![0]!["cluster"]!["server"]!) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", (string?)config["users"]![0]!["user"]!["token"]);
        http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        return http;
    }
}
