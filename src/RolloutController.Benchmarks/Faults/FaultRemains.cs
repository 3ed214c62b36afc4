using NUnit.Framework;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>What a rollout must not leave behind: pods of the version that does not run, objects without an owner, a second Service.</summary>
/// <param name="api">The API server.</param>
/// <param name="namespace">Where the shop is.</param>
/// <param name="version">The version that has to run.</param>
internal sealed class FaultRemains(ClusterApi api, string @namespace, string version)
{
    /// <summary>What is still there after some time; empty when all is as it has to be.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> found = [];
        try
        {
            await WaitFor.StateAsync(async token => found = await FindAsync(token), left => left.Count == 0, within, "nothing to be left", cancellationToken);
        }
        catch (AssertionException)
        {
        }
        return found;
    }

    private async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellationToken)
    {
        var pods = await api.ListAsync(ClusterPath.Pods(@namespace), cancellationToken);
        var services = await api.ListAsync(ClusterPath.Services(@namespace), cancellationToken);
        var sets = await api.ListAsync(ClusterPath.ReplicaSets(@namespace), cancellationToken);
        return [
            .. pods.Where(pod => PodAnnotations.VersionOf(pod) != version).Select(pod => $"pod {pod.Name()} of {PodAnnotations.VersionOf(pod)} is still there"),
            .. pods.Count(pod => pod.IsServing()) == FaultBed.Replicas ? Array.Empty<string>() : [$"{pods.Count(pod => pod.IsServing())} of {FaultBed.Replicas} pods serve"],
            .. services.Where(service => service.Name() != "shop").Select(service => $"Service {service.Name()} is still there"),
            .. sets.Where(set => set.Text("metadata.ownerReferences.0.kind") != "Rollout").Select(set => $"ReplicaSet {set.Name()} has no owner"),
            .. sets.Where(set => set.Number("spec.replicas") > 0).Skip(1).Select(set => $"ReplicaSet {set.Name()} still wants pods"),
        ];
    }
}
