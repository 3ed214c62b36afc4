using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Tests.Planning.Simulation;

/// <summary>A route: the weight of the canary Service, and how far the gateway has followed.</summary>
internal sealed class SimulatedRoute(string name)
{
    public string Name { get; } = name;

    public int Weight { get; set; }

    /// <summary>Whether its form is the one that the controller writes.</summary>
    public bool Clean { get; set; } = true;

    /// <summary>Whether the weight was last written by somebody else.</summary>
    public bool Foreign { get; set; }

    public int Version { get; set; }

    public int AcceptedVersion { get; set; }

    public RouteView View => new(Name, Weight, Weight, Clean, AcceptedVersion == Version ? null : $"{Name} was not looked at yet");
}

/// <summary>The watch caches, each of which may lag behind the others.</summary>
internal enum Cache
{
    Spec,
    ReplicaSets,
    Services,
    Endpoints,
    Routes,
    All,
}

/// <summary>One observation, and the version that each object had in it.</summary>
internal sealed record Snapshot(Observation Observation, IReadOnlyDictionary<string, int> Versions)
{
    /// <summary>This observation, but one cache shows what it showed in the past.</summary>
    public Snapshot With(Cache lagging, Snapshot past)
    {
        var (now, then) = (Observation, past.Observation);
        return lagging switch
        {
            Cache.Spec => new Snapshot(now with { Spec = then.Spec, Template = then.Template, Rollout = then.Rollout }, Mix(past, key => key == World.RolloutKey)),
            Cache.ReplicaSets => new Snapshot(now with { Revisions = then.Revisions }, Mix(past, key => key.StartsWith("shop-", StringComparison.Ordinal))),
            Cache.All => past with { Observation = then with { Now = now.Now, Evidence = now.Evidence } },
            _ when now.Traffic is null || then.Traffic is null => this,
            Cache.Services => new Snapshot(
                now with { Traffic = now.Traffic with { PinnedTo = then.Traffic.PinnedTo, CanarySelects = then.Traffic.CanarySelects } },
                Mix(past, key => key is World.ServiceKey or World.CanaryServiceKey)),
            Cache.Endpoints => this with
            {
                Observation = now with { Traffic = now.Traffic with { ServiceEndpoints = then.Traffic.ServiceEndpoints, CanaryEndpoints = then.Traffic.CanaryEndpoints } },
            },
            _ => new Snapshot(now with { Traffic = now.Traffic with { Routes = then.Traffic.Routes } }, Mix(past, key => then.Traffic.Routes.Any(route => route.Name == key))),
        };
    }

    private Dictionary<string, int> Mix(Snapshot past, Func<string, bool> lags) =>
        Versions.Where(entry => !lags(entry.Key)).Concat(past.Versions.Where(entry => lags(entry.Key))).ToDictionary();
}

/// <summary>
/// What lies outside the planner: the API server with its preconditions, and the controllers of ReplicaSets, endpoints and gateways,
/// each with delays that come from a seed.
/// </summary>
internal sealed class World
{
    public static readonly TimeSpan TickLength = TimeSpan.FromSeconds(1);
    public const string RolloutKey = "rollout", ServiceKey = "service", CanaryServiceKey = "canaryService";

    private const int RequestsPerSecond = 400;
    private readonly Random _random;
    private int _rolloutVersion, _serviceVersion, _canaryServiceVersion;
    private Dictionary<string, int> _serviceEndpoints = [], _canaryEndpoints = [];

    public World(int seed, RolloutSpec spec, string revision)
    {
        _random = new Random(seed);
        Spec = spec;
        Template = new TemplateView.Accepted(revision);
        Routes = [.. (spec.Traffic?.Routes ?? []).Select(route => new SimulatedRoute(route.ToString()))];
    }

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Moves with everything that a watch would show.</summary>
    public long Changes { get; private set; }

    public RolloutSpec Spec { get; private set; }

    public TemplateView Template { get; private set; }

    public long Generation { get; private set; } = 1;

    public RolloutStatus Status { get; private set; } = new();

    public bool HasFinalizer { get; private set; }

    public DateTimeOffset? DeletedAt { get; private set; }

    public bool IsGone { get; private set; }

    public List<SimulatedSet> Sets { get; } = [];

    public string? PinnedTo { get; private set; }

    public string? CanarySelects { get; private set; }

    /// <summary>Whether the pin or the canary Service was last written by somebody else.</summary>
    public bool ServicesAreForeign { get; private set; }

    public IReadOnlyList<SimulatedRoute> Routes { get; }

    public bool GatewayIsDown { get; set; }

    public DataClass Metrics { get; set; } = DataClass.Ok;

    public Dictionary<string, PodBehaviour> Behaviours { get; } = [];

    public Dictionary<string, int> ErrorPercents { get; } = [];

    public bool IsRouted => Routes.Count > 0;

    /// <summary>Whether <c>spec.windows</c> lets a rollout start or advance: those of a setting are open in the first minutes of every ten.</summary>
    public bool IsOpen => Spec.Windows is null || (Now.Minute % 10 < 4 && Now.TimeOfDay < TimeSpan.FromMinutes(200));

    public string? Asked => (Template as TemplateView.Accepted)?.Revision;

    public PodBehaviour Behaviour(string revision) => Behaviours.GetValueOrDefault(revision);

    public SimulatedSet? Find(string revision) => Sets.Find(set => set.Revision == revision);

    /// <summary>What the user does to the spec; status and metadata are not his.</summary>
    public void Edit(RolloutSpec spec, TemplateView? template = null)
    {
        if (IsGone)
            return;
        (Spec, Template, Generation, _rolloutVersion) = (spec, template ?? Template, Generation + 1, _rolloutVersion + 1);
        Changes++;
    }

    public void Delete()
    {
        DeletedAt ??= Now;
        IsGone |= !HasFinalizer;
        (_rolloutVersion, Changes) = (_rolloutVersion + 1, Changes + 1);
    }

    /// <summary>The object comes back from a backup, and backups hold no status.</summary>
    public void LoseStatus() => (Status, _rolloutVersion, Changes) = (new RolloutStatus(), _rolloutVersion + 1, Changes + 1);

    /// <summary>Somebody else writes a weight.</summary>
    public void Meddle(int route, int weight)
    {
        if (IsRouted)
            WriteRoute(Routes[route % Routes.Count], weight, foreign: true);
    }

    /// <summary>Somebody else applies the Service as it was, or removes the canary Service.</summary>
    public void Meddle(bool withCanaryService)
    {
        _ = withCanaryService ? OnCanaryService(Versions(), null) : OnService(Versions(), null);
        ServicesAreForeign = true;
    }

    /// <summary>Some pods of a revision are not ready for a while.</summary>
    public void FailPods(string revision, int percent, TimeSpan until)
    {
        if (Find(revision) is not { } set)
            return;
        foreach (var pod in set.Pods.Take((set.Pods.Count * percent + 99) / 100))
            pod.Fail(Now, until);
        Changed(set);
    }

    /// <summary>Lets a second go by.</summary>
    public void Tick()
    {
        Now += TickLength;
        foreach (var set in Sets.Where(set => set.Tick(Now, Behaviour(set.Revision), _random) || Spec.MinReadySeconds > 0))
            Changed(set);
        if (_random.Next(3) > 0)
            RefreshEndpoints();
        foreach (var route in Routes.Where(route => route.AcceptedVersion != route.Version && !GatewayIsDown && _random.Next(3) > 0))
            (route.AcceptedVersion, Changes) = (route.Version, Changes + 1);
    }

    /// <summary>Lets everything come to rest, as it is before a history begins.</summary>
    public void RefreshEndpoints()
    {
        var all = Sets.Where(set => PinnedTo is null || set.Revision == PinnedTo);
        var service = Ready(all);
        var canary = Ready(Sets.Where(set => set.Revision == CanarySelects));
        if (!Same(service, _serviceEndpoints) || !Same(canary, _canaryEndpoints))
            Changes++;
        (_serviceEndpoints, _canaryEndpoints) = (service, canary);
    }

    public Snapshot Observe(Evidence? evidence) => new(
        new Observation
        {
            Rollout = new RolloutIdentity("default", "shop", Generation, HasFinalizer, DeletedAt),
            Spec = Spec,
            Status = Status,
            Now = Now,
            Template = Template,
            Revisions = [.. Sets.Select(set => set.View(Now, Behaviour(set.Revision), TimeSpan.FromSeconds(Spec.MinReadySeconds)))],
            Traffic = !IsRouted ? null : new TrafficView
            {
                PinnedTo = PinnedTo,
                CanarySelects = CanarySelects,
                ServiceEndpoints = _serviceEndpoints,
                CanaryEndpoints = _canaryEndpoints,
                Routes = [.. Routes.Select(route => route.View)],
            },
            Evidence = evidence,
        },
        Versions());

    /// <summary>Percent of the traffic that a revision gets by what is committed: by routes and selectors, else by ready pods.</summary>
    public double Share(string revision)
    {
        var weight = Routes.Count == 0 ? 0 : Routes.Average(route => route.Weight);
        var viaService = PinnedTo is { } pinned
            ? pinned == revision ? 1.0 : 0.0
            : Sets.Sum(set => set.Ready) is var all and > 0 ? (Find(revision)?.Ready ?? 0) / (double)all : 0;
        return (CanarySelects == revision ? weight : 0) + (100 - weight) * viaService;
    }

    /// <summary>What a look at the metrics brings.</summary>
    public Sample Look(string revision, TimeSpan since)
    {
        if (Metrics != DataClass.Ok)
            return new Sample(Now, Metrics, $"the provider says {Metrics}");
        var requests = (long)(RequestsPerSecond * since.TotalSeconds * Share(revision) / 100);
        var broken = ErrorPercents.GetValueOrDefault(revision);
        return new Sample(Now, requests == 0 ? DataClass.NoData : DataClass.Ok, "", requests, requests * broken / 100);
    }

    /// <summary>Writes status, if nobody wrote the Rollout since.</summary>
    public bool WriteStatus(RolloutStatus status, Dictionary<string, int> versions)
    {
        if (IsGone || versions[RolloutKey] != _rolloutVersion)
            return false;
        (Status, versions[RolloutKey], Changes) = (status, ++_rolloutVersion, Changes + 1);
        return true;
    }

    /// <summary>The API calls that an effect comes to, each refused where the object has changed since it was observed.</summary>
    public IEnumerable<Func<bool>> Calls(Effect effect, Dictionary<string, int> versions) => effect switch
    {
        Effect.AddFinalizer => [() => OnRollout(versions, () => HasFinalizer = true)],
        Effect.RemoveFinalizer => [() => OnRollout(versions, () => (HasFinalizer, IsGone) = (false, DeletedAt is not null))],
        Effect.SetReplicas set => [() => OnRollout(versions, () => (Spec, Generation) = (Spec with { Replicas = set.Replicas }, Generation + 1))],
        Effect.CreateReplicaSet create => [() => Create(create)],
        Effect.ScaleReplicaSet scale => [() => Scale(scale, versions)],
        Effect.DeleteReplicaSet delete => [() => Sets.RemoveAll(set => set.Name == delete.Name && set.Version == versions.GetValueOrDefault(set.Name, -1)) == 1],
        Effect.PinService pin => [() => OnService(versions, pin.Revision)],
        Effect.UnpinService => [() => OnService(versions, null)],
        Effect.PointCanaryService point => [() => OnCanaryService(versions, point.Revision)],
        Effect.DeleteCanaryService => [() => OnCanaryService(versions, null)],
        Effect.SetWeight weight => Routes.Where(route => !route.View.IsExactly(weight.Weight)).Select(route => (Func<bool>)(() => OnRoute(route, versions, weight.Weight))),
        _ => throw new InvalidOperationException($"the simulation knows no {effect}"),
    };

    private static Dictionary<string, int> Ready(IEnumerable<SimulatedSet> sets) =>
        sets.Where(set => set.Ready > 0).ToDictionary(set => set.Revision, set => set.Ready);

    private static bool Same(Dictionary<string, int> one, Dictionary<string, int> other) =>
        one.Count == other.Count && one.All(entry => other.GetValueOrDefault(entry.Key) == entry.Value);

    private Dictionary<string, int> Versions()
    {
        var versions = new Dictionary<string, int> { [RolloutKey] = _rolloutVersion, [ServiceKey] = _serviceVersion, [CanaryServiceKey] = _canaryServiceVersion };
        foreach (var set in Sets)
            versions[set.Name] = set.Version;
        foreach (var route in Routes)
            versions[route.Name] = route.Version;
        return versions;
    }

    private bool OnRollout(Dictionary<string, int> versions, Action write)
    {
        if (IsGone || versions[RolloutKey] != _rolloutVersion)
            return false;
        write();
        (versions[RolloutKey], Changes) = (++_rolloutVersion, Changes + 1);
        return true;
    }

    private bool OnService(Dictionary<string, int> versions, string? pin)
    {
        if (versions[ServiceKey] != _serviceVersion)
            return false;
        (PinnedTo, versions[ServiceKey], Changes, ServicesAreForeign) = (pin, ++_serviceVersion, Changes + 1, false);
        return true;
    }

    private bool OnCanaryService(Dictionary<string, int> versions, string? selects)
    {
        if (versions[CanaryServiceKey] != _canaryServiceVersion)
            return false;
        (CanarySelects, versions[CanaryServiceKey], Changes, ServicesAreForeign) = (selects, ++_canaryServiceVersion, Changes + 1, false);
        return true;
    }

    private bool OnRoute(SimulatedRoute route, Dictionary<string, int> versions, int weight)
    {
        if (versions[route.Name] != route.Version)
            return false;
        WriteRoute(route, weight, foreign: false);
        versions[route.Name] = route.Version;
        return true;
    }

    private void WriteRoute(SimulatedRoute route, int weight, bool foreign)
    {
        (route.Weight, route.Clean, route.Foreign) = (weight, true, foreign);
        (route.Version, Changes) = (route.Version + 1, Changes + 1);
    }

    private bool Create(Effect.CreateReplicaSet create)
    {
        if (Find(create.Revision) is not null)
            return false;
        Sets.Add(new SimulatedSet(create.Revision, create.Replicas, create.Number));
        Changes++;
        return true;
    }

    private bool Scale(Effect.ScaleReplicaSet scale, Dictionary<string, int> versions)
    {
        if (Sets.Find(set => set.Name == scale.Name) is not { } found || versions[scale.Name] != found.Version)
            return false;
        found.Replicas = scale.Replicas;
        Changed(found);
        versions[scale.Name] = found.Version;
        return true;
    }

    private void Changed(SimulatedSet set) => (set.Version, Changes) = (set.Version + 1, Changes + 1);
}
