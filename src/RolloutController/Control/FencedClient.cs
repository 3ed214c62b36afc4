using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// Lets nothing be written once the lease may have run out: a leader that was frozen must not act on when it wakes beside its
/// successor. Reading is always allowed.
/// </summary>
internal sealed class FencedClient(IKubernetesClient inner, Func<bool> mayAct) : IKubernetesClient
{
    /// <inheritdoc/>
    public Task<T?> GetAsync<T>(ResourceKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => inner.GetAsync(kind, key, cancellationToken);

    /// <inheritdoc/>
    public Task<T> CreateAsync<T>(ResourceKind<T> kind, string @namespace, JsonObject body, CancellationToken cancellationToken, bool dryRun = false)
        where T : class, IKubernetesObject => Fence().CreateAsync(kind, @namespace, body, cancellationToken, dryRun);

    /// <inheritdoc/>
    public Task<T> PatchAsync<T>(ResourceKind<T> kind, ObjectKey key, Patch patch, CancellationToken cancellationToken, string? subresource = null)
        where T : class, IKubernetesObject => Fence().PatchAsync(kind, key, patch, cancellationToken, subresource);

    /// <inheritdoc/>
    public Task<T> ReplaceAsync<T>(ResourceKind<T> kind, ObjectKey key, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Fence().ReplaceAsync(kind, key, body, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync<T>(ResourceKind<T> kind, ObjectKey key, string? uid, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => Fence().DeleteAsync(kind, key, uid, cancellationToken);

    /// <inheritdoc/>
    public Task<ResourceList<T>> ListAsync<T>(ResourceKind<T> kind, string? @namespace, ListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => inner.ListAsync(kind, @namespace, options, cancellationToken);

    /// <inheritdoc/>
    public Task<string> ReadLogAsync(ObjectKey pod, int lines, int bytes, CancellationToken cancellationToken) => inner.ReadLogAsync(pod, lines, bytes, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ResourceKind<T> kind, string? @namespace, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => inner.WatchAsync(kind, @namespace, options, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ServesAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class, IKubernetesObject => inner.ServesAsync(kind, cancellationToken);

    private IKubernetesClient Fence() => mayAct() ? inner : throw new NotLeaderException();
}

/// <summary>A write was held back, because another replica may be leading by now.</summary>
internal sealed class NotLeaderException() : Exception("the lease may have run out, so nothing is written; another replica may be leading");
