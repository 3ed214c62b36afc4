using RolloutController.Kubernetes;
using RolloutController.Traffic;

namespace RolloutController.Control;

/// <summary>
/// What the controller knows of the cluster: one watch a kind, children indexed by owner, so that a pass reads nothing from the API.
/// </summary>
public sealed class Caches
{
    private const string ByNamespace = "namespace";
    private const string ByOwner = "owner";
    private const string ByController = "controller";
    private const string ByService = "service";
    private const string ByRoute = "route";
    private const string ByWorkload = "workload";
    private const string BySelector = "selector";
    private const string Uncontrolled = "uncontrolled";

    private readonly Informer<GatewayRoute> _httpRoutes;
    private readonly Informer<GatewayRoute> _grpcRoutes;

    /// <summary>Prepares the watches.</summary>
    /// <param name="client">Where to watch; a client of its own, so that a watch never waits behind a request.</param>
    /// <param name="endpointSlices">The version of EndpointSlices that the API serves.</param>
    /// <param name="namespaces">The namespaces to watch; empty for all.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="random">What pauses are spread by.</param>
    /// <param name="logger">Where trouble with a watch is logged.</param>
    public Caches(IKubernetesClient client, ResourceKind<EndpointSlice> endpointSlices, IReadOnlyList<string> namespaces, TimeProvider clock, Random random, ILogger<Caches> logger)
    {
        Rollouts = Make(RolloutObject.Kind, new()
        {
            Indexes = Index<RolloutObject>(
                (ByNamespace, rollout => [rollout.Metadata.Namespace]),
                (ByService, ServicesOf),
                (ByRoute, RoutesOf),
                (ByWorkload, WorkloadOf),
                (BySelector, SelectorOf)),
        });
        ReplicaSets = Make(KubernetesKinds.ReplicaSet, new()
        {
            Indexes = Index<ReplicaSet>(
                (ByController, set => set.Metadata.Controller is { } owner ? [owner.Uid] : []),
                (ByOwner, set => set.Metadata.OwnerReferences.Select(owner => owner.Uid)),
                (Uncontrolled, set => set.Metadata.Controller is null ? [set.Metadata.Namespace] : [])),
        });
        Pods = Make(KubernetesKinds.Pod, new()
        {
            LabelSelector = Names.RevisionLabel,
            Indexes = Index<Pod>((ByController, pod => pod.Metadata.Controller is { } owner ? [owner.Uid] : [])),
        });
        Services = Make(KubernetesKinds.Service, new());
        EndpointSliceKind = endpointSlices;
        EndpointSlices = Make(endpointSlices, new()
        {
            LabelSelector = EndpointSlice.ServiceNameLabel,
            Indexes = Index<EndpointSlice>((ByService, slice => [ServiceOf(slice).ToString()])),
        });
        Deployments = Make(KubernetesKinds.Deployment, new());
        _httpRoutes = Make(GatewayRoutes.Http, new() { Optional = true });
        _grpcRoutes = Make(GatewayRoutes.Grpc, new() { Optional = true });

        Informer<T> Make<T>(ResourceKind<T> kind, InformerOptions<T> options)
            where T : class, IKubernetesObject =>
            new(client, kind, options with { Namespaces = namespaces, Random = random }, clock, logger);
    }

    /// <summary>The Rollouts.</summary>
    public Informer<RolloutObject> Rollouts { get; }

    /// <summary>The ReplicaSets.</summary>
    public Informer<ReplicaSet> ReplicaSets { get; }

    /// <summary>The pods of ReplicaSets.</summary>
    public Informer<Pod> Pods { get; }

    /// <summary>The Services.</summary>
    public Informer<Service> Services { get; }

    /// <summary>The version of EndpointSlices that the API serves.</summary>
    public ResourceKind<EndpointSlice> EndpointSliceKind { get; }

    /// <summary>The endpoints of Services.</summary>
    public Informer<EndpointSlice> EndpointSlices { get; }

    /// <summary>The Deployments.</summary>
    public Informer<Deployment> Deployments { get; }

    /// <summary>All watches.</summary>
    public IReadOnlyList<IInformer> All => [Rollouts, ReplicaSets, Pods, Services, EndpointSlices, Deployments, _httpRoutes, _grpcRoutes];

    /// <summary>The routes of a kind.</summary>
    public Informer<GatewayRoute> Routes(string kind) => kind == GatewayRoutes.Grpc.Kind ? _grpcRoutes : _httpRoutes;

    /// <summary>The ReplicaSets that an object controls.</summary>
    public IReadOnlyList<ReplicaSet> ReplicaSetsOf(string uid) => ReplicaSets.ByIndex(ByController, uid);

    /// <summary>The ReplicaSets that an object owns, whether it controls them or not.</summary>
    public IReadOnlyList<ReplicaSet> ReplicaSetsOwnedBy(string uid) => ReplicaSets.ByIndex(ByOwner, uid);

    /// <summary>The ReplicaSets of a namespace that nobody controls.</summary>
    public IReadOnlyList<ReplicaSet> UncontrolledReplicaSetsIn(string @namespace) => ReplicaSets.ByIndex(Uncontrolled, @namespace);

    /// <summary>The pods of a ReplicaSet.</summary>
    public IReadOnlyList<Pod> PodsOf(ReplicaSet set) => Pods.ByIndex(ByController, set.Metadata.Uid);

    /// <summary>The endpoint slices of a Service.</summary>
    public IReadOnlyList<EndpointSlice> SlicesOf(ObjectKey service) => EndpointSlices.ByIndex(ByService, service.ToString());

    /// <summary>The other Rollouts that may want the same Service, route, workload or set of pods: what one costs must not grow with its neighbours.</summary>
    public IEnumerable<RolloutObject> RivalsOf(RolloutObject rollout) => new (string Index, IEnumerable<string> Values)[]
        {
            (ByService, ServicesOf(rollout)), (ByRoute, RoutesOf(rollout)), (ByWorkload, WorkloadOf(rollout)), (BySelector, SelectorOf(rollout)),
        }
        .SelectMany(wanted => wanted.Values.SelectMany(value => Rollouts.ByIndex(wanted.Index, value)))
        .Where(other => other.Key != rollout.Key)
        .DistinctBy(other => other.Key);

    /// <summary>The Rollouts that take their template from a Deployment.</summary>
    public IReadOnlyList<RolloutObject> RolloutsOf(Deployment deployment) => Rollouts.ByIndex(ByWorkload, deployment.Metadata.Key.ToString());

    /// <summary>What goes back to stable goes first, until nothing is left to put back.</summary>
    public Priority Urgency(ObjectKey rollout) =>
        Rollouts.Get(rollout)?.Status.State is Api.RollingBack ? Priority.Urgent : Priority.Normal;

    /// <summary>Calls back with the key of each Rollout that a change concerns.</summary>
    public void OnChange(Action<ObjectKey> concerned)
    {
        Rollouts.Changed += change => OfRollout(change, concerned);
        ReplicaSets.Changed += change => OfReplicaSet(change, concerned);
        Pods.Changed += change => OfPod(change.Object, concerned);
        Services.Changed += change => Each(ByService, change.Object.Metadata.Key.ToString(), concerned);
        EndpointSlices.Changed += change => Each(ByService, ServiceOf(change.Object).ToString(), concerned);
        Deployments.Changed += change => Each(ByWorkload, change.Object.Metadata.Key.ToString(), concerned);
        _httpRoutes.Changed += change => Each(ByRoute, RouteKey(GatewayRoutes.Http.Kind, change.Object.Metadata.Key), concerned);
        _grpcRoutes.Changed += change => Each(ByRoute, RouteKey(GatewayRoutes.Grpc.Kind, change.Object.Metadata.Key), concerned);
    }

    /// <summary>A Rollout that comes, changes its spec or goes concerns those that want the same Service, route or workload, too.</summary>
    private void OfRollout(Change<RolloutObject> change, Action<ObjectKey> concerned)
    {
        concerned(change.Object.Key);
        if (change is { Old: { } before, New: { } now } && before.Metadata.Generation == now.Metadata.Generation)
            return;
        foreach (var other in RivalsOf(change.Object).Where(other => Claims.Overlap(other, change.Object)))
            concerned(other.Key);
    }

    /// <summary>A ReplicaSet without a controller may be one that a Rollout can adopt.</summary>
    private void OfReplicaSet(Change<ReplicaSet> change, Action<ObjectKey> concerned)
    {
        foreach (var owner in new[] { change.Old, change.New }.Select(set => set?.Metadata.Controller).Where(IsRollout).Select(owner => owner!.Name).Distinct())
            concerned(new ObjectKey(change.Object.Metadata.Namespace, owner));
        if (change.Object.Metadata.Controller is null)
            EachIn(change.Object.Metadata.Namespace, concerned);
        else if (change.Object.Metadata.Controller is { Kind: "Deployment", Name: var deployment })
            Each(ByWorkload, $"{change.Object.Metadata.Namespace}/{deployment}", concerned);
    }

    private void OfPod(Pod pod, Action<ObjectKey> concerned)
    {
        if (pod.Metadata.Controller is { Kind: "ReplicaSet" } owner
            && ReplicaSets.Get(new ObjectKey(pod.Metadata.Namespace, owner.Name))?.Metadata.Controller is { } above && IsRollout(above))
            concerned(new ObjectKey(pod.Metadata.Namespace, above.Name));
    }

    private void Each(string index, string value, Action<ObjectKey> concerned)
    {
        foreach (var rollout in Rollouts.ByIndex(index, value))
            concerned(rollout.Key);
    }

    private void EachIn(string @namespace, Action<ObjectKey> concerned) => Each(ByNamespace, @namespace, concerned);

    private static bool IsRollout(OwnerReference? owner) =>
        owner is not null && owner.Kind == RolloutObject.Kind.Kind && owner.ApiVersion.StartsWith(RolloutObject.Kind.Group + "/", StringComparison.Ordinal);

    private static IEnumerable<string> ServicesOf(RolloutObject rollout) =>
        TrafficOf(rollout).SelectMany(traffic => new[] { traffic.Service, traffic.CanaryService }).Distinct().Select(name => $"{rollout.Metadata.Namespace}/{name}");

    private static IEnumerable<string> WorkloadOf(RolloutObject rollout) =>
        rollout.Spec.WorkloadRef is { } workload ? [$"{rollout.Metadata.Namespace}/{workload.Name}"] : [];

    private static IEnumerable<string> SelectorOf(RolloutObject rollout) =>
        rollout.Spec.Selector is { } selector ? [$"{rollout.Metadata.Namespace}/{CanonicalJson.Hash(selector)}"] : [];

    private static IEnumerable<string> RoutesOf(RolloutObject rollout) => TrafficOf(rollout)
        .SelectMany(traffic => traffic.Routes)
        .Select(route => RouteKey(route.Kind, new ObjectKey(rollout.Metadata.Namespace, route.Name)))
        .Distinct();

    /// <summary>A rollout that is under way keeps the traffic objects that it began with, whatever the spec says now.</summary>
    private static IEnumerable<Api.TrafficSpec> TrafficOf(RolloutObject rollout)
    {
        if (rollout.Spec.Traffic is { } asked)
            yield return asked;
        if (rollout.Status.State is Api.InFlight { Traffic: { } running })
            yield return running;
    }

    private static string RouteKey(string kind, ObjectKey key) => $"{kind}/{key}";

    private static ObjectKey ServiceOf(EndpointSlice slice) =>
        new(slice.Metadata.Namespace, slice.Metadata.Labels.GetValueOrDefault(EndpointSlice.ServiceNameLabel, ""));

    private static Dictionary<string, Func<T, IEnumerable<string>>> Index<T>(params (string Name, Func<T, IEnumerable<string>> Of)[] indexes) =>
        indexes.ToDictionary(index => index.Name, index => index.Of);
}
