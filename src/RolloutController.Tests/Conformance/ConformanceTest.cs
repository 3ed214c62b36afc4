using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Tests.Conformance;

/// <summary>
/// What clients rely on in the API. The tests run against the cluster that <c>ROLLOUT_TEST_KUBECONFIG</c> names and against the embedded
/// one; where these differ, the embedded one is wrong. Where a real API server's answer depends on its version, the tests ask for
/// what all versions have in common.
/// </summary>
internal abstract class ConformanceTest : ClusterTest
{
    protected const string Merge = "application/merge-patch+json";
    protected const string JsonPatch = "application/json-patch+json";
    protected const string Strategic = "application/strategic-merge-patch+json";
    private const string Apply = "application/apply-patch+yaml";

    protected override TimeSpan Limit => TimeSpan.FromMinutes(2);

    protected Task<Answer> GetAsync(string path) => AskAsync(HttpMethod.Get, path);

    protected Task<Answer> PostAsync(string path, string body) => AskAsync(HttpMethod.Post, path, body);

    protected Task<Answer> PutAsync(string path, JsonNode body) => AskAsync(HttpMethod.Put, path, body.ToJsonString());

    protected Task<Answer> PatchAsync(string path, string patch, string mediaType = Merge) => AskAsync(HttpMethod.Patch, path, patch, mediaType);

    protected Task<Answer> DeleteAsync(string path, string? options = null) => AskAsync(HttpMethod.Delete, path, options);

    /// <summary>Applies a manifest by server-side apply.</summary>
    protected Task<Answer> ApplyAsAsync(string manager, string path, string manifest, bool force = false) =>
        AskAsync(HttpMethod.Patch, $"{path}?fieldManager={manager}{(force ? "&force=true" : "")}", manifest, Apply);

    /// <summary>Sends a request; the body is one YAML document of an object, or whatever else is to be sent as it is.</summary>
    protected async Task<Answer> AskAsync(HttpMethod method, string path, string? body = null, string mediaType = "application/json", ClusterApi? api = null)
    {
        using var content = body is null ? null : new StringContent(Sent(body), Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        var (status, text) = await (api ?? Api).AskAsync(method, path, content, Cancellation);
        return new Answer($"{method} {path} {body}", (int)status, text);
    }

    /// <summary>Creates an object of a kind and gives it back as the API answered.</summary>
    protected async Task<JsonObject> CreateAsync(Subject subject, string name = "shop")
    {
        var answer = await PostAsync(subject.Path(Namespace), subject.Written(name));
        return answer.Is(201).Object;
    }

    /// <summary>Creates an object of a manifest and gives it back as the API answered.</summary>
    protected async Task<JsonObject> CreateAsync(string manifest)
    {
        var path = ClusterPath.Of(Yaml.Parse(manifest), Namespace);
        return (await PostAsync(path[..path.LastIndexOf('/')], manifest)).Is(201).Object;
    }

    private static string Sent(string body) => body.StartsWith('{') || body.StartsWith("apiVersion", StringComparison.Ordinal) ? Parsed(body) : body;

    private static string Parsed(string body)
    {
        try
        {
            return Yaml.Parse(body).ToJsonString();
        }
        catch (YamlDotNet.Core.YamlException)
        {
            return body;
        }
    }
}

/// <summary>What the API answered to a request.</summary>
internal sealed record Answer(string Request, int Code, string Body)
{
    /// <summary>The body as JSON.</summary>
    public JsonObject Object => JsonNode.Parse(Body)!.AsObject();

    public string Version => Object.Text("metadata.resourceVersion")!;

    /// <summary>Fails the test unless the API answered with a code.</summary>
    public Answer Is(int code)
    {
        Assert.That(Code, Is_(code), $"{Request}\n{Body}");
        return this;
    }

    /// <summary>Fails the test unless the API refused with a code and a Status that says the same and gives this reason.</summary>
    public Answer Refuses(int code, string reason)
    {
        Is(code);
        Assert.That(Object.Text("kind"), Is_("Status"), Body);
        Assert.That(Object.Text("apiVersion"), Is_("v1"), Body);
        Assert.That(Object.Text("status"), Is_("Failure"), Body);
        Assert.That(Object.Number("code"), Is_(code), Body);
        Assert.That(Object.Text("reason"), Is_(reason), Body);
        Assert.That(Object.Text("message"), NUnit.Framework.Is.Not.Empty, Body);
        return this;
    }

    private static NUnit.Framework.Constraints.EqualConstraint Is_(object expected) => NUnit.Framework.Is.EqualTo(expected);
}
