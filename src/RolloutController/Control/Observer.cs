using RolloutController.Api;
using RolloutController.Control.Config;
using RolloutController.Kubernetes;
using RolloutController.Planning;
using RolloutController.Traffic;

namespace RolloutController.Control;

/// <summary>Gathers from the caches what one decision needs. The only request that it may make is the dry run of a new template.</summary>
internal sealed class Observer(Caches caches, TemplateResolver templates, ConfigReader configs, EvidenceBook evidence, Providers providers, TimeProvider clock)
{
    /// <summary>Observes one Rollout.</summary>
    public async Task<Observed> ObserveAsync(RolloutObject rollout, CancellationToken cancellationToken)
    {
        var deployment = rollout.Spec.WorkloadRef is { } reference
            ? caches.Deployments.Get(new ObjectKey(rollout.Metadata.Namespace, reference.Name))
            : null;
        var asked = Asked(rollout, deployment);
        var config = await configs.ReadAsync(rollout, asked, cancellationToken);
        asked = asked is null ? null : asked with { Config = config.State };
        var all = caches.ReplicaSetsOf(rollout.Metadata.Uid).Concat(Released(rollout)).Where(set => set.Metadata.DeletionTimestamp is null).ToList();
        var owned = all.Where(set => !ConfigNotes.IsUnfinished(set)).ToList();
        var adoptable = asked is null ? [] : Adoptable(rollout, asked, deployment);
        var template = asked is null ? new TemplateView.Refused(NoTemplate(rollout))
            : config.Problem is { } unknown ? Unresolved(rollout, unknown)
            : await templates.ResolveAsync(rollout, asked, [.. owned, .. adoptable], cancellationToken);
        var flight = rollout.Status.State as InFlight;
        var traffic = flight is not null ? flight.Traffic : rollout.Spec.Traffic;
        var observation = new Observation
        {
            Rollout = new RolloutIdentity(
                rollout.Metadata.Namespace,
                rollout.Metadata.Name,
                rollout.Metadata.Generation,
                rollout.Metadata.Finalizers.Contains(RolloutObject.Finalizer),
                rollout.Metadata.DeletionTimestamp)
            {
                CreatedAt = rollout.Metadata.CreationTimestamp,
            },
            Spec = rollout.Spec,
            Status = rollout.Status with { Selector = SelectorText(asked) ?? rollout.Status.Selector },
            Now = MomentConverter.Cut(clock.GetUtcNow()),
            Template = template,
            Config = asked?.Config,
            Revisions = [.. owned.Select(set => Read(set, deployment))],
            Unfinished = [.. all.Where(ConfigNotes.IsUnfinished).Select(set => Read(set, deployment))],
            Adoptable = [.. adoptable
                .Where(set => deployment is not null || (template is TemplateView.Accepted accepted && ReplicaSets.Revision(set) == accepted.Revision))
                .Select(set => Read(set, deployment))],
            Workload = deployment is null ? null : Workload(deployment),
            Traffic = traffic is { Routes.Count: > 0 } ? Traffic(rollout, traffic) : null,
            Problems = [.. Problems(rollout, asked, flight is null)],
            Evidence = evidence.Read(rollout),
        };
        return new Observed(rollout, observation, asked, deployment, traffic) { Config = config };
    }

    /// <summary>
    /// While nobody knows what the ConfigMaps and Secrets hold, a rollout that is under way goes on with what it began with; nothing new begins.
    /// </summary>
    private static TemplateView Unresolved(RolloutObject rollout, Problem problem) => rollout.Status.State is InFlight flight and not RollingBack
        ? new TemplateView.Accepted(rollout.Status.Undo?.From ?? flight.Canary)
        : new TemplateView.Refused(problem);

    private static AskedTemplate? Asked(RolloutObject rollout, Deployment? deployment) => rollout.Spec switch
    {
        { WorkloadRef: not null } when deployment is { Spec: { Template: { } template, Selector: { } selector } } =>
            new AskedTemplate(template, selector, $"Deployment {deployment.Metadata.Name} spec.template", Math.Max(rollout.Spec.MinReadySeconds, deployment.Spec.MinReadySeconds)),
        { WorkloadRef: null, Template: { } template, Selector: { } selector } =>
            new AskedTemplate(template, selector, "spec.template", rollout.Spec.MinReadySeconds),
        _ => null,
    };

    private static Problem NoTemplate(RolloutObject rollout) => rollout.Spec.WorkloadRef is { } reference
        ? new Problem(EventReason.WorkloadNotFound, "spec.workloadRef.name", $"there is no Deployment {reference.Name} in namespace {rollout.Metadata.Namespace}; create it, or name another")
        : new Problem(EventReason.InvalidTemplate, "spec.template", "a pod template and a selector are needed; write both, or name a Deployment in spec.workloadRef");

    /// <summary>
    /// ReplicaSets that still take part in a rollout, though no longer owned: when a Rollout is deleted with <c>--cascade=orphan</c>, the
    /// garbage collector lets its objects go at once, while traffic has yet to be given back.
    /// </summary>
    private IEnumerable<ReplicaSet> Released(RolloutObject rollout) => rollout is { Metadata.DeletionTimestamp: not null, Status.State: InFlight flight }
        ? caches.UncontrolledReplicaSetsIn(rollout.Metadata.Namespace).Where(set => set.Metadata.Annotations.ContainsKey(Names.RevisionNumber)
            && (ReplicaSets.Revision(set) == flight.Stable || ReplicaSets.Revision(set) == flight.Canary))
        : [];

    /// <summary>
    /// ReplicaSets that the Rollout may take over: those of its Deployment, or those that nobody controls and its selector selects. Without pods, only what
    /// has the name that one of its own would have: an earlier Rollout left it, and no other can be made.
    /// </summary>
    private List<ReplicaSet> Adoptable(RolloutObject rollout, AskedTemplate asked, Deployment? deployment)
    {
        if (deployment is not null)
            return [.. caches.ReplicaSetsOf(deployment.Metadata.Uid).Where(set => set.Metadata.DeletionTimestamp is null)];
        return [.. caches.UncontrolledReplicaSetsIn(rollout.Metadata.Namespace).Where(set =>
            set.Metadata.DeletionTimestamp is null && (set.Spec.Replicas > 0 || set.Metadata.Name == ReplicaSets.NameOf(rollout, ReplicaSets.Revision(set)))
            && set.Metadata.Labels.ContainsKey(Names.RevisionLabel) && !ConfigNotes.IsUnfinished(set)
            && LabelSelectors.Matches(asked.Selector, set.Spec.Template.Labels))];
    }

    private RevisionSet Read(ReplicaSet set, Deployment? deployment) => new()
    {
        Name = set.Metadata.Name,
        Revision = ReplicaSets.Revision(set),
        Number = long.TryParse(set.Metadata.Annotations.GetValueOrDefault(Names.RevisionNumber), out var number) ? number : 0,
        CreatedAt = set.Metadata.CreationTimestamp,
        Images = set.Spec.Template.Images,
        Config = ConfigNotes.Read(set),
        Replicas = set.Spec.Replicas,
        Current = set.Status.Replicas,
        Ready = set.Status.ReadyReplicas,
        Available = set.Status.AvailableReplicas,
        Returns = deployment is not null && set.Metadata.OwnerReferences.Any(owner => owner.Uid == deployment.Metadata.Uid),
        Trouble = set.Status.AvailableReplicas < set.Spec.Replicas ? PodDiagnosis.Worst(caches.PodsOf(set)) : null,
    };

    private WorkloadView Workload(Deployment deployment)
    {
        var seen = deployment.Status.ObservedGeneration >= deployment.Metadata.Generation;
        var sets = caches.ReplicaSetsOwnedBy(deployment.Metadata.Uid);
        var active = sets.Count(set => set.Metadata.Controller?.Uid == deployment.Metadata.Uid && (set.Spec.Replicas > 0 || set.Status.Replicas > 0));
        // Its controller has made one, of which this cache does not know yet: events of two kinds come in any order. To make another would run the pods twice.
        var isAwaited = sets.Count == 0 && (!deployment.Spec.Paused || deployment.Status.Replicas > 0);
        return new WorkloadView(deployment.Metadata.Name, deployment.Spec.Replicas, deployment.Spec.Paused, seen && active <= 1 && !isAwaited);
    }

    private TrafficView Traffic(RolloutObject rollout, TrafficSpec traffic)
    {
        var @namespace = rollout.Metadata.Namespace;
        var service = caches.Services.Get(new ObjectKey(@namespace, traffic.Service));
        var canary = caches.Services.Get(new ObjectKey(@namespace, traffic.CanaryService));
        return new TrafficView
        {
            PinnedTo = service?.Spec.Selector.GetValueOrDefault(Names.RevisionLabel),
            ServiceEndpoints = caches.SlicesOf(new ObjectKey(@namespace, traffic.Service)).Ready(caches),
            CanarySelects = canary?.Spec.Selector.GetValueOrDefault(Names.RevisionLabel),
            CanaryEndpoints = caches.SlicesOf(new ObjectKey(@namespace, traffic.CanaryService)).Ready(caches),
            Routes = [.. traffic.Routes.Select(route => Read(caches.Routes(route.Kind).Get(new ObjectKey(@namespace, route.Name)), route, traffic))],
        };
    }

    private static RouteView Read(GatewayRoute? route, RouteReference reference, TrafficSpec traffic)
    {
        if (route is null)
            return new RouteView(reference.ToString(), 0, 0, Clean: true, null, Gone: true);
        var notAccepted = RouteAcceptance.Of(route) switch
        {
            RouteAcceptance.Pending pending => pending.Message,
            RouteAcceptance.Refused refused => refused.Message,
            _ => null,
        };
        var reading = RouteWeights.Read(route, traffic.Service, traffic.CanaryService, traffic.Match);
        return new RouteView(
            reference.ToString(), reading.Canary.LowestPercent, reading.Canary.HighestPercent, reading is not RouteReading.Mixed, notAccepted, reading is RouteReading.NotNamed)
        {
            Matched = reading.IsMatched || (reading is RouteReading.Rolling && traffic.Match is not null),
        };
    }

    private IEnumerable<Problem> Problems(RolloutObject rollout, AskedTemplate? asked, bool atRest) =>
        Claims.Lost(rollout, caches.RivalsOf(rollout))
            .Concat(SpecProblems.Of(rollout.Spec))
            .Concat(rollout.Spec.Traffic is { } traffic ? TrafficProblems.Of(caches, rollout, traffic, asked, atRest) : [])
            .Concat(providers.Problems(rollout.Spec))
            .Concat(asked is null ? [] : TemplateProblems.Of(rollout.Spec, asked))
            .Concat(RolloutWindows.Problem(rollout.Spec) is { } problem ? [problem] : []);

    private static string? SelectorText(AskedTemplate? asked) => asked is null ? null : LabelSelectors.Format(asked.Selector);
}

/// <summary>An observation, and the objects that it was made from, which the effects need.</summary>
/// <param name="Rollout">The Rollout.</param>
/// <param name="Observation">What the planner sees.</param>
/// <param name="Asked">The template; null where there is none.</param>
/// <param name="Deployment">The Deployment that is taken over; null where none is.</param>
/// <param name="Traffic">How traffic is split now.</param>
internal sealed record Observed(RolloutObject Rollout, Observation Observation, AskedTemplate? Asked, Deployment? Deployment, TrafficSpec? Traffic)
{
    /// <summary>What is known of the ConfigMaps and Secrets that the template names.</summary>
    public ConfigView Config { get; init; } = ConfigView.NotAsked;
}
