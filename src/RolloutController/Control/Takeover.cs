using System.Text.Json.Nodes;
using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Traffic;

namespace RolloutController.Control;

/// <summary>
/// Takes a rollout that is under way over from the process that led before. A write that this one still had under way (it was frozen, or
/// died while an admission webhook took its time) holds for the version that it observed, so each object that it may be about gets
/// another version before anything is decided: an annotation that names the term. It goes with the last traces of the rollout.
/// </summary>
/// <remarks>
/// Passes of one Rollout follow each other, so there is one such write at the most. A create cannot be made to fail like this; what it would
/// bring, a ReplicaSet or the canary Service, carries no traffic and goes again as anything that is left over.
/// </remarks>
internal sealed class Takeover(CachedWrites writes, Caches caches, Tenure tenure, StatusWriter statuses)
{
    /// <summary>Whether something of the user's is changed, or about to be. Of a Rollout that is deleted and has no finalizer nothing is decided any more.</summary>
    private static bool IsUnderWay(RolloutObject rollout) =>
        rollout.Metadata.Finalizers.Contains(RolloutObject.Finalizer) || rollout is { Status.State: InFlight, Metadata.DeletionTimestamp: null };

    /// <summary>
    /// Takes the rollout over, where this process has not seen it at rest or taken it over already; what was seen at rest may have been
    /// the past, so one that is under way in the name of another is taken over in any case.
    /// </summary>
    /// <returns>The Rollout as it is then.</returns>
    /// <exception cref="KubernetesApiException">An object changed meanwhile: what was observed is history, and nothing may be decided on it.</exception>
    public async Task<RolloutObject> TakeAsync(RolloutObject rollout, CancellationToken cancellationToken)
    {
        var isUnderWay = IsUnderWay(rollout);
        if (tenure.IsSettled(rollout.Metadata) && (!isUnderWay || tenure.IsOurs(rollout.Status.Term)))
            return rollout;
        if (isUnderWay)
        {
            // What was seen at rest was the past, and what fails in here is not settled: the next try takes over, too.
            tenure.Forget(rollout.Key);
            // First of all the Rollout: from then on the one before can decide nothing. Where something after it fails, the next try goes on in the same
            // term: another one would change the Rollout, and the change would bring the next try at once, again and again.
            if (!tenure.IsOurs(rollout.Status.Term))
                rollout = await statuses.WriteTermAsync(rollout, tenure.Begin(rollout.Status.Term), cancellationToken);
            await StampAsync(rollout, rollout.Status.Term!, cancellationToken);
        }

        tenure.Settle(rollout.Metadata);
        return rollout;
    }

    /// <summary>Forgets a Rollout that is gone.</summary>
    public void Forget(ObjectKey key) => tenure.Forget(key);

    /// <summary>Takes the annotation off what belongs to the user.</summary>
    public async Task ClearAsync(RolloutObject rollout, CancellationToken cancellationToken)
    {
        foreach (var service in caches.Services.List().Where(service => IsStamped(service.Metadata, rollout)).ToList())
            await AnnotateAsync(KubernetesKinds.Service, caches.Services, service.Metadata, null, cancellationToken);
        foreach (var kind in GatewayRoutes.All)
        {
            foreach (var route in caches.Routes(kind.Kind).List().Where(route => IsStamped(route.Metadata, rollout)).ToList())
                await AnnotateAsync(kind, caches.Routes(kind.Kind), route.Metadata, null, cancellationToken);
        }
    }

    private async Task StampAsync(RolloutObject rollout, Term ours, CancellationToken cancellationToken)
    {
        var term = $"{rollout.Metadata.Name}/{ours.Transitions}/{ours.Holder}";
        var @namespace = rollout.Metadata.Namespace;
        foreach (var traffic in TrafficOf(rollout))
        {
            foreach (var reference in traffic.Routes)
            {
                if (await FindAsync(GatewayRoutes.Of(reference.Kind), caches.Routes(reference.Kind), new ObjectKey(@namespace, reference.Name), cancellationToken) is { } route)
                    await AnnotateAsync(GatewayRoutes.Of(reference.Kind), caches.Routes(reference.Kind), route.Metadata, term, cancellationToken);
            }

            foreach (var name in new[] { traffic.Service, traffic.CanaryService })
            {
                if (await FindAsync(KubernetesKinds.Service, caches.Services, new ObjectKey(@namespace, name), cancellationToken) is { } service)
                    await AnnotateAsync(KubernetesKinds.Service, caches.Services, service.Metadata, term, cancellationToken);
            }
        }

        foreach (var set in caches.ReplicaSetsOf(rollout.Metadata.Uid).Where(set => TakesPart(set, rollout.Status.State)))
            await AnnotateAsync(KubernetesKinds.ReplicaSet, caches.ReplicaSets, set.Metadata, term, cancellationToken);
    }

    /// <summary>An object of the cache, or of the API where a cache that is behind does not have it yet.</summary>
    private async Task<T?> FindAsync<T>(ResourceKind<T> kind, Informer<T> cache, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        if (cache.Get(key) is null)
            await writes.LookAsync(kind, cache, key, cancellationToken);
        return cache.Get(key);
    }

    /// <summary>The traffic objects that the rollout began with, and those that it may go on with.</summary>
    private static IEnumerable<TrafficSpec> TrafficOf(RolloutObject rollout) => new[] { (rollout.Status.State as InFlight)?.Traffic, rollout.Spec.Traffic }
        .OfType<TrafficSpec>()
        .Where(traffic => traffic.Routes.Count > 0)
        .DistinctBy(traffic => traffic.Service);

    private static bool TakesPart(ReplicaSet set, RolloutState state) =>
        set.Spec.Replicas > 0 || (state is InFlight flight && (ReplicaSets.Revision(set) == flight.Stable || ReplicaSets.Revision(set) == flight.Canary));

    private static bool IsStamped(ObjectMeta metadata, RolloutObject rollout) =>
        metadata.Namespace == rollout.Metadata.Namespace
        && metadata.Annotations.TryGetValue(Names.Term, out var term) && term.StartsWith($"{rollout.Metadata.Name}/", StringComparison.Ordinal);

    private Task AnnotateAsync<T>(ResourceKind<T> kind, Informer<T> cache, ObjectMeta observed, string? term, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = observed.Uid,
                ["resourceVersion"] = observed.ResourceVersion,
                // Where ours is the only one there were none before, not even an empty map.
                ["annotations"] = term is null && observed.Annotations.Count == 1 ? null : new JsonObject { [Names.Term] = term },
            },
        };
        return writes.PatchAsync(kind, cache, observed.Key, Patch.Merge(patch), cancellationToken);
    }
}
