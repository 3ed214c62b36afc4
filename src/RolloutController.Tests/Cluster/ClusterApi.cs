using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace RolloutController.Tests.Cluster;

/// <summary>
/// Requests to the API server under test, as plain paths and JSON. It shares nothing with the product's client, so that a mistake
/// there cannot hide itself from the tests.
/// </summary>
internal sealed class ClusterApi : IDisposable
{
    /// <summary>The environment variable that names the kubeconfig of the cluster to test against.</summary>
    public const string KubeconfigVariable = "ROLLOUT_TEST_KUBECONFIG";

    private readonly HttpClient _http;

    private ClusterApi(Uri server, string token, bool patient)
    {
        Server = server;
        // The API server of a test cluster signs its own certificate; nothing secret travels there.
        var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        _http = new HttpClient(patient ? new PatientHandler(handler) : handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>The address of the API server.</summary>
    public Uri Server { get; }

    /// <summary>Connects to the cluster that <see cref="KubeconfigVariable"/> names; ignores the test when none is named.</summary>
    /// <param name="patient">Whether it waits while the API server is away; else requests fail then.</param>
    public static ClusterApi FromEnvironment(bool patient = false)
    {
        var file = Environment.GetEnvironmentVariable(KubeconfigVariable);
        if (string.IsNullOrEmpty(file))
            Assert.Ignore($"{KubeconfigVariable} is not set: name the kubeconfig of a test cluster (never of a real one: the tests play its kubelet).");
        return FromKubeconfig(file!, patient);
    }

    /// <summary>Connects with the first cluster and the first user of a kubeconfig.</summary>
    public static ClusterApi FromKubeconfig(string file, bool patient = false)
    {
        var config = Yaml.Parse(File.ReadAllText(file));
        var server = config.Text("clusters.0.cluster.server") ?? throw new InvalidDataException($"{file} names no server.");
        var token = config.Text("users.0.user.token") ?? throw new InvalidDataException($"{file} holds no token.");
        return new ClusterApi(new Uri(server), token, patient);
    }

    /// <summary>Reads an object; null when there is none.</summary>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        }
        catch (ClusterApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads the objects of a collection.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path, CancellationToken cancellationToken) =>
        Items(await SendAsync(HttpMethod.Get, path, null, cancellationToken));

    /// <summary>Creates an object in a collection.</summary>
    public Task<JsonObject> CreateAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, Content(body, "application/json"), cancellationToken);

    /// <summary>Changes an object by an RFC 7386 merge patch.</summary>
    public Task<JsonObject> MergeAsync(string path, JsonNode patch, CancellationToken cancellationToken) =>
        PatchAsync(path, patch, "application/merge-patch+json", cancellationToken);

    /// <summary>Changes an object by a merge patch written as YAML.</summary>
    public Task<JsonObject> MergeAsync(string path, string yaml, CancellationToken cancellationToken) =>
        MergeAsync(path, Yaml.Parse(yaml), cancellationToken);

    /// <summary>Changes an object by an RFC 6902 JSON patch.</summary>
    public Task<JsonObject> JsonPatchAsync(string path, JsonArray operations, CancellationToken cancellationToken) =>
        PatchAsync(path, operations, "application/json-patch+json", cancellationToken);

    /// <summary>Changes a built-in object by a strategic merge patch: lists such as conditions are merged by their key.</summary>
    public Task<JsonObject> StrategicMergeAsync(string path, JsonNode patch, CancellationToken cancellationToken) =>
        PatchAsync(path, patch, "application/strategic-merge-patch+json", cancellationToken);

    /// <summary>Applies every document of a YAML text by server-side apply, as a user would with kubectl; gives back the last.</summary>
    /// <param name="namespace">Where namespaced objects go that name no namespace themselves.</param>
    public async Task<JsonObject> ApplyAsync(string yaml, string @namespace, CancellationToken cancellationToken, string fieldManager = "test")
    {
        JsonObject? applied = null;
        foreach (var document in Yaml.ParseAll(yaml))
        {
            var path = $"{ClusterPath.Of(document, @namespace)}?fieldManager={fieldManager}&force=true";
            applied = await PatchAsync(path, document, "application/apply-patch+yaml", cancellationToken);
        }
        return applied ?? throw new ArgumentException("The text holds no object.", nameof(yaml));
    }

    /// <summary>Deletes an object; it is no error when it is gone already.</summary>
    /// <param name="options">DeleteOptions, such as <c>{"gracePeriodSeconds": 0}</c>.</param>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken, JsonObject? options = null)
    {
        try
        {
            await SendAsync(HttpMethod.Delete, path, options is null ? null : Content(options, "application/json"), cancellationToken);
        }
        catch (ClusterApiException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
        }
    }

    /// <summary>Sends a request and reads the JSON that the API answers; throws <see cref="ClusterApiException"/> when it refuses.</summary>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var (status, body) = await AskAsync(method, path, content, cancellationToken);
        if ((int)status is < 200 or > 299)
            throw ClusterApiException.From($"{method} {path}", status, body);
        return JsonNode.Parse(body)!.AsObject();
    }

    /// <summary>Sends a request and gives back what the API answers, refusals too.</summary>
    public async Task<(HttpStatusCode Status, string Body)> AskAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _http.SendAsync(request, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Opens a watch; the stream holds one JSON document a line.</summary>
    public async Task<HttpResponseMessage> OpenWatchAsync(string path, string resourceVersion, CancellationToken cancellationToken)
    {
        var query = $"{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}watch=true&resourceVersion={resourceVersion}";
        using var request = new HttpRequestMessage(HttpMethod.Get, path + query);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw ClusterApiException.From($"WATCH {path}", response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The items of a list, with the kind that the API leaves out of them.</summary>
    internal static IReadOnlyList<JsonObject> Items(JsonObject list)
    {
        var kind = list.Text("kind")!.Replace("List", "", StringComparison.Ordinal);
        var items = (list["items"] as JsonArray ?? []).Select(item => item!.DeepClone().AsObject()).ToList();
        foreach (var item in items)
        {
            item["kind"] ??= kind;
            item["apiVersion"] ??= list.Text("apiVersion");
        }
        return items;
    }

    private Task<JsonObject> PatchAsync(string path, JsonNode patch, string mediaType, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, Content(patch, mediaType), cancellationToken);

    private static StringContent Content(JsonNode body, string mediaType) =>
        new(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
}

/// <summary>The API server refused or failed a request of the test bed.</summary>
internal sealed class ClusterApiException(HttpStatusCode status, string reason, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>The machine-readable reason, such as <c>Conflict</c>; empty when the API gave none.</summary>
    public string Reason { get; } = reason;

    public static ClusterApiException From(string request, HttpStatusCode status, string body)
    {
        var answer = body.StartsWith('{') ? JsonNode.Parse(body) : null;
        return new ClusterApiException(status, answer.Text("reason") ?? "", $"{request}: {(int)status} {answer.Text("message") ?? body}");
    }
}
