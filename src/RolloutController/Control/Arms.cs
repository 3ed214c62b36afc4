using System.Net;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>How metrics name the two versions of a rollout.</summary>
/// <param name="caches">What is known of the cluster.</param>
internal sealed class Arms(Caches caches)
{
    /// <summary>The version that is rolled out.</summary>
    public ArmIdentity Canary(RolloutObject rollout, InFlight flight) => Of(rollout, flight, flight.Traffic?.CanaryService, flight.Canary);

    /// <summary>The version that it replaces.</summary>
    public ArmIdentity Stable(RolloutObject rollout, InFlight flight) => Of(rollout, flight, flight.Traffic?.Service, flight.Stable);

    /// <summary>Where pod counts make the split, one Service is in front of both versions and names neither.</summary>
    private ArmIdentity Of(RolloutObject rollout, InFlight flight, string? service, string revision)
    {
        var set = Sets(rollout, revision).FirstOrDefault();
        return new ArmIdentity(
            rollout.Metadata.Namespace,
            flight.IsRouted ? service : null,
            revision,
            ArmIdentity.PodsOf(set?.Metadata.Name ?? ReplicaSets.NameOf(rollout, revision)))
        {
            Addresses = () => Addresses(rollout, revision),
        };
    }

    private List<IPAddress> Addresses(RolloutObject rollout, string revision) => [.. Sets(rollout, revision)
        .SelectMany(caches.PodsOf)
        .Select(pod => IPAddress.TryParse(pod.Status.PodIP, out var address) ? address : null)
        .OfType<IPAddress>()];

    private IEnumerable<ReplicaSet> Sets(RolloutObject rollout, string revision) =>
        caches.ReplicaSetsOf(rollout.Metadata.Uid).Where(set => ReplicaSets.Revision(set) == revision);
}
