using System.Net;
using System.Net.Http.Headers;

namespace RolloutController.Kubernetes;

/// <summary>A request to the API, from which as many messages are made as are sent.</summary>
/// <param name="Verb">The verb as the API's roles name it: <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>.</param>
/// <param name="Plural">The kind's name in paths.</param>
/// <param name="Address">The whole address.</param>
/// <param name="Safety">When it may be sent again.</param>
internal sealed record KubernetesRequest(string Verb, string Plural, Uri Address, RequestSafety Safety)
{
    /// <summary>The body, or null.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>The body's Content-Type.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>Whether the answer may come compressed.</summary>
    public bool Compressed { get; init; }

    /// <summary>Asked right before each message that a write sends; what it throws is how the write fails.</summary>
    public Action? Guard { get; init; }

    /// <summary>Whether it is there to change something; a dry run counts, as a leader that is none has nothing to try.</summary>
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete";

    /// <summary>The HTTP method of the verb.</summary>
    public HttpMethod Method => Verb switch
    {
        "create" => HttpMethod.Post,
        "update" => HttpMethod.Put,
        "patch" => HttpMethod.Patch,
        "delete" => HttpMethod.Delete,
        _ => HttpMethod.Get,
    };

    /// <summary>Makes a message; one that was sent cannot be sent again.</summary>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(Method, Address)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (Compressed)
            message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        if (Body is { } body)
            message.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaType) } };
        return message;
    }

    /// <summary>The request for a person, such as <c>patch /apis/apps/v1/namespaces/shop/replicasets/web</c>.</summary>
    public override string ToString() => $"{Verb} {Address.AbsolutePath}";
}

/// <summary>When a request may be sent again though nobody knows whether it took effect.</summary>
internal enum RequestSafety
{
    /// <summary>It changes nothing.</summary>
    Read,

    /// <summary>Twice is as once: what it does is idempotent, or bound to a version or uid that the first time uses up.</summary>
    Repeatable,

    /// <summary>Twice may be more than once.</summary>
    Once,
}
