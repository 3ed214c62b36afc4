using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>
/// Asks the API itself for ready endpoints right before requests are sent to a Service that did not get them before: a cache that stands
/// still shows pods that may be long gone. Asked only on the way up; a rollback waits for no answer.
/// </summary>
internal sealed class LiveEndpoints(IKubernetesClient client, Caches caches)
{
    /// <summary>Sees that whoever an effect sends requests to is there.</summary>
    /// <param name="effect">The effect.</param>
    /// <param name="seen">What it was planned from.</param>
    /// <param name="decided">The state that it belongs to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ChangedMeanwhileException">Fewer endpoints are ready than were observed and are needed; the caches know by now.</exception>
    public async Task ConfirmAsync(Effect effect, Observed seen, RolloutState decided, CancellationToken cancellationToken)
    {
        if (decided is not InFlight { IsRouted: true } flight || seen.Observation.Traffic is not { } traffic || Receiver(effect, flight) is not { } receiver)
            return;
        var needed = Math.Max(1, ReplicaArithmetic.CanaryForWeight(seen.Observation.Replicas, receiver.Weight));
        var observed = receiver.Service == flight.Traffic!.Service ? traffic.ServiceReady(flight.Canary) : traffic.CanaryReady(flight.Canary);
        var wanted = Math.Min(needed, observed);
        if (wanted == 0)
            return;
        var service = new ObjectKey(seen.Rollout.Metadata.Namespace, receiver.Service);
        var live = (await ReadAsync(service, cancellationToken)).Ready(caches).GetValueOrDefault(flight.Canary);
        if (live < wanted)
            throw new ChangedMeanwhileException($"Service {service} has {live} ready endpoints of {flight.Canary}, not {observed} as was observed; {wanted} are needed before {effect}");
    }

    /// <summary>Which Service gets requests by an effect that did not get them before, and what share of all; null where none does.</summary>
    private static (string Service, int Weight)? Receiver(Effect effect, InFlight flight) => (effect, flight) switch
    {
        (Effect.SetWeight { Weight: > 0 } set, _) => (flight.Traffic!.CanaryService, set.Weight),
        (Effect.SendMatched, _) => (flight.Traffic!.CanaryService, 0),
        // Clients that bypass the route meet the new version from here on: the pods that the canary Service has.
        (Effect.PinService pin, Promoting) when pin.Revision == flight.Canary => (flight.Traffic!.CanaryService, 100),
        // And here the route goes back to the user's Service, which is theirs by now.
        (Effect.SetWeight { Weight: 0 }, Promoting { Stage: ConclusionStage.Shifting }) => (flight.Traffic!.Service, 100),
        _ => null,
    };

    private async Task<IReadOnlyList<EndpointSlice>> ReadAsync(ObjectKey service, CancellationToken cancellationToken)
    {
        var selector = new ListOptions($"{EndpointSlice.ServiceNameLabel}={service.Name}");
        var live = await client.ListAsync(caches.EndpointSliceKind, service.Namespace, selector, cancellationToken);
        var there = live.Items.Select(slice => slice.Metadata.Uid).ToHashSet();
        foreach (var gone in caches.SlicesOf(service).Where(slice => !there.Contains(slice.Metadata.Uid) && ResourceVersions.IsAtLeast(live.ResourceVersion, slice.Metadata.ResourceVersion)).ToList())
            caches.EndpointSlices.RememberDeleted(gone);
        foreach (var slice in live.Items)
            caches.EndpointSlices.Remember(slice);
        return live.Items;
    }
}
