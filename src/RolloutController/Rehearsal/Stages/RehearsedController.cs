using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Stages;

/// <summary>The controller as it runs in a cluster, unchanged, beside an embedded one: only what carries its requests is another.</summary>
internal static class RehearsedController
{
    /// <summary>Makes the controller; nothing runs yet.</summary>
    /// <param name="cluster">The cluster that it works on.</param>
    /// <param name="providers">Where it reads metrics.</param>
    /// <param name="options">How it is set up.</param>
    /// <param name="lifetime">Told when it gives up.</param>
    /// <param name="loggers">Where it logs.</param>
    public static ControlService Make(EmbeddedCluster cluster, Providers providers, ControlOptions options, IHostApplicationLifetime lifetime, ILoggerFactory loggers)
    {
        var client = Client(cluster, options.Random, loggers);
        return new ControlService(
            options, () => new Connection(client, client, client, Election: null), providers, lifetime, cluster.Clock, loggers);
    }

    /// <summary>A client of an embedded cluster, with the rights of the installed controller.</summary>
    public static KubernetesClient Client(EmbeddedCluster cluster, Random random, ILoggerFactory loggers) => new(
        new KubernetesConfiguration { Server = new Uri("https://rehearsal"), Handler = new ApiHandler(new ApiServer(cluster, new InstalledAccess())), Compression = false },
        new KubernetesClientOptions { Random = random },
        cluster.Clock,
        loggers.CreateLogger<KubernetesClient>());
}

/// <summary>A process that does not end when its controller gives up; that it did is remembered.</summary>
internal sealed class RehearsedLifetime : IHostApplicationLifetime
{
    /// <summary>Whether the controller gave up.</summary>
    public bool HasGivenUp { get; private set; }

    /// <inheritdoc/>
    public CancellationToken ApplicationStarted => CancellationToken.None;

    /// <inheritdoc/>
    public CancellationToken ApplicationStopping => CancellationToken.None;

    /// <inheritdoc/>
    public CancellationToken ApplicationStopped => CancellationToken.None;

    /// <inheritdoc/>
    public void StopApplication() => HasGivenUp = true;
}
