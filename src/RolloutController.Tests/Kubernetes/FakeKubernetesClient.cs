using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RolloutController.Kubernetes;
using RolloutController.Tests.Crd;

namespace RolloutController.Tests.Kubernetes;

/// <summary>A request as the fake saw it.</summary>
internal sealed record FakeRequest(string Verb, string Plural, string? Namespace, string Name, string ResourceVersion, JsonNode? Body, CancellationToken Token);

/// <summary>An API in memory: versions, identities, conflicts and watches, and whatever failure a test puts in.</summary>
/// <param name="sameApiAs">Another client of the same API; requests and failures are each client's own.</param>
internal sealed class FakeKubernetesClient(FakeKubernetesClient? sameApiAs = null) : IKubernetesClient
{
    private readonly Lock _gate = sameApiAs?._gate ?? new Lock();
    private readonly State _state = sameApiAs?._state ?? new State();
    private readonly List<FakeRequest> _requests = [];

    /// <summary>Runs before each request; an exception in it is the answer.</summary>
    public Func<FakeRequest, Task> OnRequest { get; set; } = _ => Task.CompletedTask;

    /// <summary>Runs after each change of an object; an exception in it is the answer, though it took effect.</summary>
    public Action<FakeRequest> OnWritten { get; set; } = _ => { };

    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (_gate)
                return [.. _requests];
        }
    }

    public IReadOnlyList<FakeWatch> Watches
    {
        get
        {
            lock (_gate)
                return [.. _state.Watches];
        }
    }

    public FakeWatch LastWatch => Watches[^1];

    public int Version
    {
        get
        {
            lock (_gate)
                return _state.Version;
        }

        set
        {
            lock (_gate)
                _state.Version = value;
        }
    }

    public static KubernetesApiException Error(HttpStatusCode status, string reason = "", TimeSpan? retryAfter = null, string message = "as the test wants") =>
        new(status, reason, message, retryAfter);

    public int CountOf(string verb) => Requests.Count(request => request.Verb == verb);

    /// <summary>Stores an object and tells the watches, or not.</summary>
    public JsonObject Put(string plural, JsonObject body, bool tell = true)
    {
        JsonObject stored;
        string type;
        lock (_gate)
        {
            stored = (JsonObject)body.DeepClone();
            var metadata = stored["metadata"]!.AsObject();
            var path = Path(plural, (string?)metadata["namespace"], (string)metadata["name"]!);
            type = _state.Objects.ContainsKey(path) ? "MODIFIED" : "ADDED";
            metadata["uid"] = _state.Objects.TryGetValue(path, out var old) ? (string)old["metadata"]!["uid"]! : Guid.NewGuid().ToString();
            metadata["resourceVersion"] = $"{++_state.Version}";
            _state.Objects[path] = stored;
        }

        if (tell)
            Tell(plural, type == "ADDED" ? WatchEventType.Added : WatchEventType.Modified, stored);
        return (JsonObject)stored.DeepClone();
    }

    public void Remove(string plural, ObjectKey key, bool tell = true)
    {
        JsonObject? gone;
        lock (_gate)
        {
            if (!_state.Objects.Remove(Path(plural, key.Namespace, key.Name), out gone))
                return;
            gone["metadata"]!["resourceVersion"] = $"{++_state.Version}";
        }

        if (tell)
            Tell(plural, WatchEventType.Deleted, gone);
    }

    public JsonObject? Find(string plural, ObjectKey key)
    {
        lock (_gate)
            return (JsonObject?)_state.Objects.GetValueOrDefault(Path(plural, key.Namespace, key.Name))?.DeepClone();
    }

    public async Task<T?> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await SeeAsync(new FakeRequest("get", kind.Plural, key.Namespace, key.Name, "", null, cancellationToken));
        return Find(kind.Plural, key)?.Deserialize(kind.TypeInfo);
    }

    public async Task<T> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonObject body, CancellationToken cancellationToken, bool dryRun = false)
        where T : class, IKubernetesObject
    {
        var name = (string)body["metadata"]!["name"]!;
        await SeeAsync(new FakeRequest("create", kind.Plural, @namespace, name, "", body, cancellationToken));
        if (Find(kind.Plural, new ObjectKey(@namespace, name)) is not null)
            throw Error(HttpStatusCode.Conflict, "AlreadyExists");
        return Put(kind.Plural, body).Deserialize(kind.TypeInfo)!;
    }

    public async Task<T> PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : class, IKubernetesObject
    {
        var request = new FakeRequest("patch", kind.Plural, key.Namespace, key.Name, "", patch.Body, cancellationToken);
        await SeeAsync(request);
        var current = Find(kind.Plural, key) ?? throw Error(HttpStatusCode.NotFound, "NotFound");
        var changed = Put(kind.Plural, MergePatch.Apply(current, patch.Body)!.AsObject()).Deserialize(kind.TypeInfo)!;
        OnWritten(request);
        return changed;
    }

    public async Task<T> ReplaceAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await SeeAsync(new FakeRequest("replace", kind.Plural, key.Namespace, key.Name, "", body, cancellationToken));
        var current = Find(kind.Plural, key) ?? throw Error(HttpStatusCode.NotFound, "NotFound");
        if ((string?)body["metadata"]!["resourceVersion"] != (string?)current["metadata"]!["resourceVersion"])
            throw Error(HttpStatusCode.Conflict, "Conflict");
        return Put(kind.Plural, body).Deserialize(kind.TypeInfo)!;
    }

    public Task DeleteAsync<T>(ResourceKind<T> kind, ObjectKey key, string? uid, CancellationToken cancellationToken, string? resourceVersion = null)
        where T : class, IKubernetesObject
    {
        Remove(kind.Plural, key);
        return Task.CompletedTask;
    }

    public async Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await SeeAsync(new FakeRequest("list", kind.Plural, @namespace, "", options.ResourceVersion, null, cancellationToken));
        lock (_gate)
        {
            var items = _state.Objects.Where(entry => entry.Key.StartsWith(Path(kind.Plural, @namespace, ""), StringComparison.Ordinal));
            return new ResourceList<T>($"{_state.Version}", [.. items.Select(entry => entry.Value.Deserialize(kind.TypeInfo)!)]);
        }
    }

    public Task<string> ReadLogAsync(ObjectKey pod, int lines, int bytes, CancellationToken cancellationToken) => Task.FromResult("");

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind<T> kind, string? @namespace, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await SeeAsync(new FakeRequest("watch", kind.Plural, @namespace, "", options.ResourceVersion, null, cancellationToken));
        var watch = new FakeWatch(kind.Plural, @namespace, options);
        lock (_gate)
            _state.Watches.Add(watch);
        await foreach (var change in watch.Channel.Reader.ReadAllAsync(cancellationToken))
            yield return new WatchEvent<T>(change.Type, change.ResourceVersion, change.Key, change.Object?.Deserialize(kind.TypeInfo));
    }

    public IKubernetesClient Guarded(Action beforeWrite) => new FakeKubernetesClient(this)
    {
        OnRequest = request =>
        {
            if (request.Verb is "create" or "patch" or "replace")
                beforeWrite();
            return OnRequest(request);
        },
    };

    public Task<bool> ServesAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        Task.FromResult(true);

    private static string Path(string plural, string? @namespace, string name) =>
        @namespace is null ? $"{plural}/" : $"{plural}/{@namespace}/{name}";

    private void Tell(string plural, WatchEventType type, JsonObject item)
    {
        var metadata = item["metadata"]!;
        var key = new ObjectKey((string?)metadata["namespace"] ?? "", (string)metadata["name"]!);
        foreach (var watch in Watches.Where(watch => watch.Plural == plural && (watch.Namespace is null || watch.Namespace == key.Namespace)))
            watch.Send(new WatchEvent<JsonObject>(type, (string)metadata["resourceVersion"]!, key, (JsonObject)item.DeepClone()));
    }

    private async Task SeeAsync(FakeRequest request)
    {
        lock (_gate)
            _requests.Add(request);
        await OnRequest(request);
        request.Token.ThrowIfCancellationRequested();
    }

    private sealed class State
    {
        public SortedDictionary<string, JsonObject> Objects { get; } = new(StringComparer.Ordinal);

        public List<FakeWatch> Watches { get; } = [];

        public int Version { get; set; } = 100;
    }
}

/// <summary>The server's end of a watch.</summary>
internal sealed record FakeWatch(string Plural, string? Namespace, WatchOptions Options)
{
    public Channel<WatchEvent<JsonObject>> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<WatchEvent<JsonObject>>();

    /// <summary>Sends an event, unless the watch has ended.</summary>
    public void Send(WatchEvent<JsonObject> change) => Channel.Writer.TryWrite(change);

    public void Send(WatchEventType type, int version, ObjectKey key = default) => Send(new WatchEvent<JsonObject>(type, $"{version}", key, null));

    public void End(Exception? failure = null) => Channel.Writer.TryComplete(failure);
}
