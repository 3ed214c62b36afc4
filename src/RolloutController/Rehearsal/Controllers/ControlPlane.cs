using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>An embedded cluster that lives: with the controllers that every cluster has, and the kinds that the Rollout controller uses.</summary>
public sealed class ControlPlane
{
    private readonly IReadOnlyList<Func<CancellationToken, Task>> _controllers;

    /// <summary>Makes a control plane; <see cref="RunAsync"/> brings it to life.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="random">What generated names and uids are drawn from.</param>
    public ControlPlane(TimeProvider clock, Random random)
    {
        Cluster = new EmbeddedCluster(clock, random);
        var (garbage, namespaces) = (new GarbageCollector(Cluster), new NamespaceController(Cluster));
        foreach (var definition in Definitions.All())
            Cluster.Create("customresourcedefinitions", definition);
        _controllers =
        [
            garbage.RunAsync, namespaces.RunAsync, new DeploymentController(Cluster).RunAsync, new ReplicaSetController(Cluster).RunAsync,
            new JobController(Cluster).RunAsync, new EndpointSliceController(Cluster).RunAsync, new EndpointsController(Cluster).RunAsync,
        ];
    }

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster { get; }

    /// <summary>Runs the controllers until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_controllers.Select(run => run(cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }
}
