using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// Writes objects and takes what the API answers into the caches: the result, so that the next look sees it, or what a write was in
/// conflict with or did not find, because a watch that stands still would bring the same failure again and again.
/// </summary>
internal sealed class CachedWrites(IKubernetesClient client)
{
    /// <summary>Changes an object.</summary>
    /// <exception cref="KubernetesApiException">The write was refused.</exception>
    /// <exception cref="ChangedMeanwhileException">The object is gone; the cache knows by now.</exception>
    public async Task PatchAsync<T>(ResourceKind<T> kind, Informer<T> cache, ObjectKey key, Patch patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var observed = cache.Get(key);
        try
        {
            cache.Remember(await client.PatchAsync(kind, key, patch, cancellationToken));
        }
        catch (KubernetesApiException refused) when (refused.IsAbsenceOf(key))
        {
            if (observed is not null)
                cache.RememberGone(observed);
            throw new ChangedMeanwhileException($"{kind.Kind} {key} is gone: {refused.Message}");
        }
        catch (KubernetesApiException refused) when (refused.IsConflict)
        {
            await LookAsync(kind, cache, key, cancellationToken);
            throw;
        }
    }

    /// <summary>Makes an object.</summary>
    /// <exception cref="KubernetesApiException">The write was refused.</exception>
    public async Task CreateAsync<T>(ResourceKind<T> kind, Informer<T> cache, string @namespace, JsonObject body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            cache.Remember(await client.CreateAsync(kind, @namespace, body, cancellationToken));
        }
        catch (KubernetesApiException refused) when (refused.IsAlreadyExists)
        {
            await LookAsync(kind, cache, new ObjectKey(@namespace, (string)body["metadata"]!["name"]!), cancellationToken);
            throw;
        }
    }

    /// <summary>Deletes an object, as it was observed and no other.</summary>
    /// <exception cref="KubernetesApiException">The write was refused.</exception>
    public async Task DeleteAsync<T>(ResourceKind<T> kind, Informer<T> cache, T observed, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            await client.DeleteAsync(kind, observed.Metadata.Key, observed.Metadata.Uid, cancellationToken, observed.Metadata.ResourceVersion);
            cache.RememberDeleted(observed);
        }
        catch (KubernetesApiException refused) when (refused.IsConflict)
        {
            await LookAsync(kind, cache, observed.Metadata.Key, cancellationToken);
            throw;
        }
    }

    /// <summary>Takes an object into the cache as it is now, and out of it where there is none.</summary>
    public async Task LookAsync<T>(ResourceKind<T> kind, Informer<T> cache, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var known = cache.Get(key);
        if (await client.GetAsync(kind, key, cancellationToken) is { } live)
            cache.Remember(live);
        else if (known is not null)
            cache.RememberGone(known);
    }
}
