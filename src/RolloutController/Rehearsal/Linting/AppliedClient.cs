using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Linting;

/// <summary>
/// A cluster as it would be with manifests applied to it: what is listed holds them in place of the live objects of their names. It reads and asks for
/// dry runs, and has no way to write.
/// </summary>
/// <param name="live">The cluster.</param>
internal sealed class AppliedClient(IKubernetesClient live) : IKubernetesClient
{
    private readonly Dictionary<(string Plural, ObjectKey Key), IKubernetesObject> _applied = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fails with the first list that cannot be read, and never ends otherwise.</summary>
    public Task Failure => _failed.Task;

    /// <summary>Has the API judge a manifest, and shows from now on what it would store.</summary>
    /// <exception cref="KubernetesApiException">It is refused.</exception>
    public async Task ApplyAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject manifest, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        _applied[(kind.Plural, key)] = await live.PatchAsync(kind, key, Patch.Apply(manifest) with { DryRun = true }, cancellationToken);

    /// <inheritdoc/>
    public async Task<T?> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        _applied.GetValueOrDefault((kind.Plural, key)) as T ?? await live.GetAsync(kind, key, cancellationToken);

    /// <inheritdoc/>
    public async Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            var list = await live.ListAsync(kind, @namespace, options, cancellationToken);
            var applied = _applied.Where(one => one.Key.Plural == kind.Plural && (@namespace is null || one.Key.Key.Namespace == @namespace)).ToDictionary(one => one.Key.Key, one => (T)one.Value);
            return list with { Items = [.. list.Items.Where(item => !applied.ContainsKey(item.Metadata.Key)), .. applied.Values] };
        }
        catch (Exception failure) when (failure is not OperationCanceledException && failure is not KubernetesApiException { IsNotFound: true })
        {
            _failed.TrySetException(failure);
            throw;
        }
    }

    /// <summary>Nothing is looked at twice.</summary>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind<T> kind, string? @namespace, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        yield break;
    }

    /// <inheritdoc/>
    public Task<bool> ServesAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => live.ServesAsync(kind, cancellationToken);

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonObject body, CancellationToken cancellationToken, bool dryRun = false)
        where T : class, IKubernetesObject => dryRun ? live.CreateAsync(kind, @namespace, body, cancellationToken, dryRun) : throw ReadOnly();

    /// <inheritdoc/>
    public Task<T> PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : class, IKubernetesObject => throw ReadOnly();

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => throw ReadOnly();

    /// <inheritdoc/>
    public Task DeleteAsync<T>(ResourceKind<T> kind, ObjectKey key, string? uid, CancellationToken cancellationToken, string? resourceVersion = null)
        where T : class, IKubernetesObject => throw ReadOnly();

    /// <inheritdoc/>
    public IKubernetesClient Guarded(Action beforeWrite) => throw ReadOnly();

    /// <inheritdoc/>
    public Task<string> ReadLogAsync(ObjectKey pod, int lines, int bytes, CancellationToken cancellationToken) => throw ReadOnly();

    private static NotSupportedException ReadOnly() => new("Whoever only looks at a cluster changes nothing in it.");
}
