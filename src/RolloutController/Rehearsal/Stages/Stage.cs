using RolloutController.Analysis.Checks;
using RolloutController.Analysis.Metrics;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Notifications;
using RolloutController.Rehearsal.Cluster;
using RolloutController.Rehearsal.Controllers;
using RolloutController.Rehearsal.Gateways;
using RolloutController.Rehearsal.Hooks;
using RolloutController.Rehearsal.Logs;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Stages;

/// <summary>
/// Everything that a Rollout meets in a cluster, for one of them: control plane, nodes, gateway, users and their requests, Prometheus, and
/// the controller itself, unchanged. In virtual time all of it is on one thread; in real time it is as any program.
/// </summary>
internal sealed class Stage : IDisposable
{
    private readonly SimulatedKubelet _kubelet;
    private readonly HorizontalPodAutoscalerController _autoscaler;
    private readonly PrometheusHandler _metrics;
    private readonly PodHandler _pods;
    private readonly PrometheusProvider _provider;
    private readonly SimulatedLoki _loki;
    private readonly LokiProvider _logs;
    private readonly SimulatedHooks _endpoints;
    private readonly Dictionary<string, Hook> _hooks;

    /// <summary>Sets a stage; <see cref="RunAsync"/> brings it to life.</summary>
    /// <param name="plan">What is on it.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Where the controller logs.</param>
    public Stage(StagePlan plan, TimeProvider clock, ILoggerFactory loggers)
    {
        var random = new Random(plan.Seed);
        ControlPlane = new ControlPlane(clock, new Random(random.Next()));
        _kubelet = new SimulatedKubelet(Cluster, plan.Pods);
        Gateway = new SimulatedGateway(Cluster);
        Requests = new SimulatedRequests(Cluster, Gateway, plan.Stream, plan.Serving, new Random(random.Next()));
        _autoscaler = new HorizontalPodAutoscalerController(Cluster, Requests);
        Prometheus = new SimulatedPrometheus(clock, Requests) { ScrapeInterval = plan.ScrapeInterval, Gauges = plan.Gauges };
        if (plan.Spec is { } spec)
            Prometheus.Register(spec);
        _metrics = new PrometheusHandler(Prometheus, clock);
        _provider = new PrometheusProvider(new PrometheusOptions(plan.Provider, new Uri("http://prometheus.rehearsal:9090")) { Preset = plan.Preset, IsDefault = true }, clock, _metrics, new Random(random.Next()));
        _loki = new SimulatedLoki(Cluster, plan.Spec, plan.Gauges);
        _logs = new LokiProvider(new LokiOptions("rehearsal", new Uri("http://loki.rehearsal:3100")), clock, _loki, new Random(plan.Seed));
        _endpoints = new SimulatedHooks(plan.Hooks);
        _hooks = Asked(plan.Spec, check => check.Hook?.Name).ToDictionary(name => name, name => new Hook(new HookOptions(name, new Uri("http://hooks.rehearsal")), clock, _endpoints, new Random(plan.Seed)));
        Providers = new Providers(
            new MetricProviders(new Dictionary<string, IMetricProvider> { [plan.Provider] = _provider }, plan.Provider),
            new(Asked(plan.Spec, check => check.Logs?.Provider).Append(_logs.Name).Distinct().ToDictionary(name => name, ILogProvider (_) => _logs), _logs.Name),
            new(_hooks, null));
        _pods = new PodHandler(Cluster, plan.Answers);
        var options = new ControlOptions { Random = new Random(random.Next()), StatusInterval = plan.StatusInterval, Pods = _pods, Notifier = plan.Notifier };
        Controller = RehearsedController.Make(Cluster, Providers, options, Lifetime, loggers);
    }

    /// <summary>The control plane.</summary>
    public ControlPlane ControlPlane { get; }

    /// <summary>The cluster.</summary>
    public EmbeddedCluster Cluster => ControlPlane.Cluster;

    /// <summary>The requests of users.</summary>
    public SimulatedRequests Requests { get; }

    /// <summary>The gateway that they come through.</summary>
    public SimulatedGateway Gateway { get; }

    /// <summary>The Prometheus that counts them.</summary>
    public SimulatedPrometheus Prometheus { get; }

    /// <summary>Whom the controller asks: all that the Rollout names.</summary>
    public Providers Providers { get; }

    /// <summary>The controller.</summary>
    public ControlService Controller { get; }

    /// <summary>The process of the controller.</summary>
    public RehearsedLifetime Lifetime { get; } = new();

    /// <summary>Has running pods turn to something else.</summary>
    public void Turn(Func<StoredObject, bool> which, PodConduct conduct) => _kubelet.Turn(which, conduct);

    /// <summary>Runs everything but the controller until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(
                ControlPlane.RunAsync(cancellationToken), _kubelet.RunAsync(cancellationToken), Gateway.RunAsync(cancellationToken),
                _autoscaler.RunAsync(cancellationToken), Prometheus.RunAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <summary>What a Rollout calls those whom the operator would have set up.</summary>
    private static IEnumerable<string> Asked(RolloutSpec? spec, Func<CheckSpec, string?> name) =>
        (spec?.Analysis?.Checks ?? []).Concat(spec?.Gates ?? []).Select(name).OfType<string>().Distinct();

    /// <inheritdoc/>
    public void Dispose()
    {
        Controller.Dispose();
        Requests.Dispose();
        _provider.Dispose();
        _logs.Dispose();
        _loki.Dispose();
        foreach (var hook in _hooks.Values)
            hook.Dispose();
        _endpoints.Dispose();
        _metrics.Dispose();
        _pods.Dispose();
    }
}

/// <summary>What is on a stage.</summary>
/// <param name="Stream">The requests of users.</param>
/// <param name="Pods">How each pod does.</param>
/// <param name="Serving">How pods serve.</param>
internal sealed record StagePlan(RequestStream Stream, Func<StoredObject, PodScript> Pods, Serving Serving)
{
    /// <summary>What chance is drawn from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How often Prometheus scrapes.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often at most the controller writes what only informs.</summary>
    public TimeSpan StatusInterval { get; init; } = new ControlOptions().StatusInterval;

    /// <summary>Tells people who do not look at the cluster; null where nobody is to be told.</summary>
    public Notifier? Notifier { get; init; }

    /// <summary>How pods answer the controller.</summary>
    public PodAnswers Answers { get; init; } = _ => PodAnswer.Good;

    /// <summary>What the endpoints answer that hooks ask.</summary>
    public HookAnswers Hooks { get; init; } = (_, _) => HookAnswer.Proceed;

    /// <summary>What Rollouts call the Prometheus.</summary>
    public string Provider { get; init; } = "rehearsal";

    /// <summary>Whose metrics it has.</summary>
    public string Preset { get; init; } = Presets.Default;

    /// <summary>What the Rollout asks for, whose selectors and expressions Prometheus has to know; null where it brings none.</summary>
    public RolloutSpec? Spec { get; init; }

    /// <summary>What is measured of pods beside their requests.</summary>
    public PodGauges Gauges { get; init; } = _ => new Dictionary<string, double>();

    /// <summary>The requests to a Rollout's Service, by its routes where it has any.</summary>
    /// <param name="namespace">The Rollout's namespace.</param>
    /// <param name="service">The Service that clients and routes name.</param>
    /// <param name="traffic">How the Rollout splits them; null where pod counts do.</param>
    /// <param name="requestsPerSecond">How many a second.</param>
    public static RequestStream StreamOf(string @namespace, string service, TrafficSpec? traffic, double requestsPerSecond)
    {
        var stream = new RequestStream(new ObjectKey(@namespace, service))
        {
            RequestsPerSecond = _ => requestsPerSecond,
            IsGrpc = traffic is { Routes.Count: > 0 } && traffic.Routes.All(route => route.Kind == "GRPCRoute"),
        };
        return traffic is not { Routes.Count: > 0 } ? stream : stream with
        {
            CanaryService = new ObjectKey(@namespace, traffic.CanaryService),
            MatchedShare = traffic.Match is null ? 0 : 0.02,
            Routes = [.. traffic.Routes.Select(route => (route.Kind == "GRPCRoute" ? "grpcroutes" : "httproutes", new ObjectKey(@namespace, route.Name)))],
        };
    }
}
