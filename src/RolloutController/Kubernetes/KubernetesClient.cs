using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Timeout;

namespace RolloutController.Kubernetes;

/// <summary>
/// Requests to the Kubernetes API over connections of its own: make one for requests, one for watches and one for leases, so that a
/// connection that hangs or is busy delays none of the others.
/// </summary>
/// <remarks>
/// Besides <see cref="KubernetesApiException"/>, requests fail with <see cref="HttpRequestException"/> or <see cref="IOException"/> (no
/// connection, or it broke), <see cref="TimeoutException"/>, <see cref="KubernetesAnswerException"/> (the answer is not what the kind
/// promises) and <see cref="KubernetesCredentialException"/>.
/// </remarks>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private const string PageSize = "500";
    private const string ApplyPatch = "application/apply-patch+yaml";
    private const string JsonPatch = "application/json-patch+json";

    // A server that does not end a watch when it was asked to is taken for dead after this.
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly KubernetesClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KubernetesTransport _transport;
    private readonly KubernetesAddresses _addresses;
    private readonly RequestPipelines _pipelines;
    private readonly bool _compression;
    private readonly Action? _guard;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="configuration">Where the API is and as whom we ask; several clients may share it.</param>
    /// <param name="options">How patient the client is; null for <see cref="KubernetesClientOptions.Default"/>.</param>
    /// <param name="timeProvider">The clock of timeouts and waits; null for the system's.</param>
    /// <param name="logger">Where warnings go; null for nowhere.</param>
    public KubernetesClient(
        KubernetesConfiguration configuration,
        KubernetesClientOptions? options = null,
        TimeProvider? timeProvider = null,
        ILogger<KubernetesClient>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        _options = options ?? KubernetesClientOptions.Default;
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<KubernetesClient>.Instance;
        _transport = new KubernetesTransport(configuration, _time, _logger);
        _addresses = new KubernetesAddresses(configuration.Server);
        _pipelines = new RequestPipelines(_options, _time);
        _compression = configuration.Compression;
    }

    private KubernetesClient(KubernetesClient other, Action guard)
    {
        (_options, _time, _logger, _compression) = (other._options, other._time, other._logger, other._compression);
        (_transport, _addresses, _pipelines) = (other._transport, other._addresses, other._pipelines);
        _guard = guard;
    }

    /// <inheritdoc/>
    public IKubernetesClient Guarded(Action beforeWrite) => new KubernetesClient(this, beforeWrite);

    /// <inheritdoc/>
    public async Task<T?> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var request = new KubernetesRequest("get", kind.Plural, _addresses.Object(kind, key, null), RequestSafety.Read);
        try
        {
            return await SendAsync(request, kind, key, cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.IsAbsenceOf(key))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonObject body, CancellationToken cancellationToken, bool dryRun = false)
        where T : class, IKubernetesObject
    {
        var address = _addresses.Collection(kind, @namespace, [.. WriteParameters, ("dryRun", dryRun ? "All" : "")]);
        // A dry run changes nothing, so it may be repeated as a read may.
        var request = new KubernetesRequest("create", kind.Plural, address, dryRun ? RequestSafety.Read : RequestSafety.Once) { Body = Utf8(body) };
        return SendAsync(request, kind.TypeInfo, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : class, IKubernetesObject
    {
        var force = patch.MediaType == ApplyPatch ? "true" : "";
        // The operations of a JSON patch may add up ("add" to a list), those of the others cannot.
        var safety = patch.DryRun ? RequestSafety.Read : patch.MediaType == JsonPatch ? RequestSafety.Once : RequestSafety.Repeatable;
        var address = _addresses.Object(kind, key, subresource, [.. WriteParameters, ("force", force), ("dryRun", patch.DryRun ? "All" : "")]);
        var request = new KubernetesRequest("patch", kind.Plural, address, safety) { Body = Utf8(patch.Body), MediaType = patch.MediaType };
        return SendAsync(request, kind, key, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var conditional = body["metadata"]?["resourceVersion"] is not null;
        var address = _addresses.Object(kind, key, null, WriteParameters);
        var request = new KubernetesRequest("update", kind.Plural, address, conditional ? RequestSafety.Repeatable : RequestSafety.Once) { Body = Utf8(body) };
        return SendAsync(request, kind, key, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync<T>(ResourceKind<T> kind, ObjectKey key, string? uid, CancellationToken cancellationToken, string? resourceVersion = null)
        where T : class, IKubernetesObject
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" };
        if (uid is not null)
            body["preconditions"] = new JsonObject { ["uid"] = uid };
        if (resourceVersion is not null)
            body["preconditions"] = new JsonObject { ["uid"] = uid, ["resourceVersion"] = resourceVersion };
        var request = new KubernetesRequest("delete", kind.Plural, _addresses.Object(kind, key, null), uid is null ? RequestSafety.Once : RequestSafety.Repeatable)
        {
            Body = Utf8(body),
        };
        try
        {
            await SendAsync(request, static async (_, response, token) =>
            {
                await response.Content.CopyToAsync(Stream.Null, token);
                return true;
            }, cancellationToken);
        }
        catch (KubernetesApiException exception) when (
            exception.IsAbsenceOf(key) || (uid is not null && resourceVersion is null && exception.IsConflict))
        {
            // Gone, or another object has taken the name: the one that was meant is no more. With a version asked for, the object itself
            // may only have changed, and whoever decided has to look again.
        }
    }

    /// <inheritdoc/>
    public async Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        // With a resource version the watch cache of the API answers, but only where no page size is asked for.
        var pageSize = options.ResourceVersion.Length == 0 ? PageSize : "";
        try
        {
            return await ListPagesAsync(kind, @namespace, options, pageSize, cancellationToken);
        }
        catch (KubernetesApiException exception) when (exception.IsGone && pageSize.Length > 0)
        {
            return await ListPagesAsync(kind, @namespace, options, pageSize: "", cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<string> ReadLogAsync(ObjectKey pod, int lines, int bytes, CancellationToken cancellationToken)
    {
        var address = _addresses.Object(KubernetesKinds.Pod, pod, "log",
            ("tailLines", lines.ToString(CultureInfo.InvariantCulture)), ("limitBytes", bytes.ToString(CultureInfo.InvariantCulture)));
        var request = new KubernetesRequest("get", KubernetesKinds.Pod.Plural, address, RequestSafety.Read);
        return SendAsync(request, async (_, response, token) =>
        {
            var text = new byte[bytes];
            using var body = await ResponseBody.OpenAsync(response, token);
            return Encoding.UTF8.GetString(text, 0, await body.ReadAtLeastAsync(text, bytes, throwOnEndOfStream: false, token));
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind<T> kind, string? @namespace, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var address = _addresses.Collection(kind, @namespace,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", options.ResourceVersion),
            ("labelSelector", options.LabelSelector ?? ""),
            ("fieldSelector", options.FieldSelector ?? ""),
            ("timeoutSeconds", ((int)options.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        var request = new KubernetesRequest("watch", kind.Plural, address, RequestSafety.Read);
        using var limit = new CancellationTokenSource(options.Timeout + WatchGrace, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var response = await OpenWatchAsync(request, linked.Token, cancellationToken);
        using var body = await response.Content.ReadAsStreamAsync(linked.Token);
        await using var events = new WatchReader<T>(kind, _logger).ReadAsync(body, linked.Token).GetAsyncEnumerator(linked.Token);
        while (await MoveNextAsync(events, request, cancellationToken))
            yield return events.Current;
    }

    /// <inheritdoc/>
    public async Task<bool> ServesAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var request = new KubernetesRequest("get", kind.Plural, _addresses.Version(kind), RequestSafety.Read);
        try
        {
            var served = await SendAsync(request, KubernetesJsonContext.Default.ApiResourceList, cancellationToken);
            return served.Resources?.Any(resource => resource.Name == kind.Plural) ?? false;
        }
        catch (KubernetesApiException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Closes the connections; requests under way fail.</summary>
    public void Dispose() => _transport.Dispose();

    private (string, string)[] WriteParameters => [("fieldManager", _options.FieldManager), ("fieldValidation", "Strict")];

    private async Task<ResourceList<T>> ListPagesAsync<T>(
        ResourceKind<T> kind, string? @namespace, ListOptions options, string pageSize, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var items = new List<T>();
        var unreadable = new List<UnreadableObject>();
        var (version, next) = (options.ResourceVersion, "");
        do
        {
            var address = _addresses.Collection(kind, @namespace,
                ("limit", pageSize),
                ("continue", next),
                ("resourceVersion", next.Length > 0 ? "" : options.ResourceVersion),
                ("labelSelector", options.LabelSelector ?? ""),
                ("fieldSelector", options.FieldSelector ?? ""));
            var request = new KubernetesRequest("list", kind.Plural, address, RequestSafety.Read) { Compressed = _compression };
            var (page, bad, metadata) = await SendAsync(request, ReadPageAsync, cancellationToken);
            items.AddRange(page);
            unreadable.AddRange(bad);
            (version, next) = (metadata.ResourceVersion ?? "", metadata.Continue ?? "");
        }
        while (next.Length > 0);
        return new ResourceList<T>(version, items) { Unreadable = unreadable };

        async ValueTask<(List<T>, IReadOnlyList<UnreadableObject>, ListMetadata)> ReadPageAsync(KubernetesRequest request, HttpResponseMessage response, CancellationToken token)
        {
            var page = new List<T>();
            using var body = await ResponseBody.OpenAsync(response, token);
            var reader = new ListReader<T>(request.Plural, kind.TypeInfo, page, _logger);
            var metadata = await reader.ReadAsync(body, token);
            return (page, reader.Unreadable, metadata);
        }
    }

    private Task<TValue> SendAsync<TValue>(KubernetesRequest request, JsonTypeInfo<TValue> typeInfo, CancellationToken cancellationToken) =>
        SendAsync(request, (_, response, token) => ReadAsync(response, typeInfo, token), cancellationToken);

    /// <summary>As the other, for an object whose name is known: JSON of something else would be read as an object that has nothing.</summary>
    private Task<T> SendAsync<T>(KubernetesRequest request, ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => SendAsync(request, async (_, response, token) =>
        {
            var answer = await ReadAsync(response, kind.TypeInfo, token);
            return answer.Metadata.Name == key.Name ? answer : throw new JsonException($"it is not {kind.Kind} {key.Name}");
        }, cancellationToken);

    private static async ValueTask<TValue> ReadAsync<TValue>(HttpResponseMessage response, JsonTypeInfo<TValue> typeInfo, CancellationToken cancellationToken)
    {
        using var body = new ObjectStream(await ResponseBody.OpenAsync(response, cancellationToken));
        return await JsonSerializer.DeserializeAsync(body, typeInfo, cancellationToken) ?? throw new JsonException("it is null");
    }

    // The answer is read inside the pipeline, so that its timeouts and retries cover the body too.
    private async Task<TValue> SendAsync<TValue>(
        KubernetesRequest request,
        Func<KubernetesRequest, HttpResponseMessage, CancellationToken, ValueTask<TValue>> readAsync,
        CancellationToken cancellationToken)
    {
        if (_guard is not null && request.IsWrite)
            request = request with { Guard = _guard };

        // What goes on goes on where it began: under virtual time there is no other thread.
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, cancellationToken);
        try
        {
            return await _pipelines.For(request).ExecuteAsync(static async (context, state) =>
            {
                using var response = await state.Transport.SendAsync(state.Request, context.CancellationToken);
                try
                {
                    return await state.ReadAsync(state.Request, response, context.CancellationToken);
                }
                catch (Exception exception) when (UnreadableJson.Is(exception))
                {
                    throw new KubernetesAnswerException(state.Request, response, exception);
                }
            }, context, (Transport: _transport, Request: request, ReadAsync: readAsync));
        }
        catch (TimeoutRejectedException exception)
        {
            throw new TimeoutException($"{request}: the API did not answer within {exception.Timeout.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<HttpResponseMessage> OpenWatchAsync(KubernetesRequest request, CancellationToken linked, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(linked, limit.Token);
        try
        {
            return await _transport.SendAsync(request, opening.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{request}: the API did not begin the watch within {_options.RequestTimeout.TotalSeconds:0.#} s", exception);
        }
    }

    private static async ValueTask<bool> MoveNextAsync<TEvent>(
        IAsyncEnumerator<TEvent> events, KubernetesRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{request}: the API did not end the watch when it was due; the connection is taken for dead", exception);
        }
    }

    private static ReadOnlyMemory<byte> Utf8(JsonNode body)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            body.WriteTo(writer);
        return buffer.WrittenMemory;
    }
}
