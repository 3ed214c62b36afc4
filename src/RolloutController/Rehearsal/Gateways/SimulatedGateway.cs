using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Gateways;

/// <summary>
/// The gateway of an embedded cluster: it answers each generation of an HTTPRoute or GRPCRoute at all its parents, and its proxies serve
/// it a little later. In between they serve the one before, as those of a real gateway do, whose status only says that a route was taken up.
/// </summary>
public sealed class SimulatedGateway
{
    /// <summary>How it calls itself in the status of routes.</summary>
    public const string Name = "rollouts.dev/simulated-gateway";

    private readonly EmbeddedCluster _cluster;
    private readonly SortedDictionary<(string, string, string), RouteInEffect> _routes = [];
    private readonly Lock _gate = new();

    /// <summary>Makes a gateway; <see cref="RunAsync"/> has it work.</summary>
    /// <param name="cluster">The cluster; it has to serve HTTPRoutes and GRPCRoutes.</param>
    public SimulatedGateway(EmbeddedCluster cluster) => _cluster = cluster;

    /// <summary>Told of the routes in effect each time they change.</summary>
    public event Action<IReadOnlyList<RouteInEffect>>? Changed;

    /// <summary>How long it takes to answer a new generation.</summary>
    public TimeSpan AcceptanceDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after that its proxies serve it.</summary>
    public TimeSpan PropagationDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What it says to a route that is new or changed; it may be set at any time.</summary>
    public Func<StoredObject, RouteAnswer> Answer { get; set; } = _ => RouteAnswer.Accept;

    /// <summary>
    /// Whether its controller is down: it reads no route until it is back, and its proxies serve what they were told last. It may be set at any time.
    /// </summary>
    public bool IsDown { get; set; }

    /// <summary>The routes in effect, by kind, namespace and name.</summary>
    public IReadOnlyList<RouteInEffect> Routes
    {
        get
        {
            lock (_gate)
                return [.. _routes.Values];
        }
    }

    /// <summary>Works until it is cancelled; to be called once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        new RouteController(_cluster, "httproutes", this).RunAsync(cancellationToken),
        new RouteController(_cluster, "grpcroutes", this).RunAsync(cancellationToken));

    /// <summary>Puts a route into effect; null takes it out.</summary>
    internal void Effect(string plural, ObjectKey key, RouteInEffect? route)
    {
        lock (_gate)
        {
            if (route is null)
                _routes.Remove((plural, key.Namespace, key.Name));
            else
                _routes[(plural, key.Namespace, key.Name)] = route;
            Changed?.Invoke([.. _routes.Values]);
        }
    }
}
