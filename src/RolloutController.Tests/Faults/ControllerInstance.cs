using Microsoft.Extensions.Logging.Abstractions;
using RolloutController.Analysis.Metrics;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Metrics;
using RolloutController.Rehearsal.Stages;

namespace RolloutController.Tests.Faults;

/// <summary>One process of the controller, whole and unchanged, with a clock, a way to the API and a way to Prometheus of its own.</summary>
internal sealed class ControllerInstance : IDisposable
{
    private readonly FaultBed _bed;
    private readonly ApiLink _api;
    private readonly MetricsLink _metrics;
    private readonly PrometheusHandler _prometheus;
    private readonly PrometheusProvider _provider;
    private readonly SlowLink _slowMetrics;
    private readonly PrometheusProvider _slow;
    private readonly KubernetesClient _client;
    private readonly KubernetesClient _leases;
    private readonly ControlService _controller;
    private TaskCompletionSource? _frozen;

    public ControllerInstance(FaultBed bed, int number, int seed)
    {
        (_bed, Number) = (bed, number);
        var random = new Random(seed);
        Clock = new ProcessClock(bed.Time);
        _api = new ApiLink(bed, this);
        _prometheus = new PrometheusHandler(bed.Prometheus, bed.Time);
        _metrics = new MetricsLink(bed, this, _prometheus);
        _provider = new PrometheusProvider(new PrometheusOptions("rehearsal", new Uri("http://prometheus.rehearsal:9090")) { IsDefault = true }, Clock, _metrics, new Random(random.Next()));
        _slowMetrics = new SlowLink(bed, this, new PrometheusHandler(bed.Prometheus, bed.Time));
        _slow = new PrometheusProvider(new PrometheusOptions("slow", new Uri("http://slow.rehearsal:9090")), Clock, _slowMetrics, new Random(seed));
        var configuration = new KubernetesConfiguration { Server = new Uri("https://rehearsal"), Handler = _api, Compression = false };
        _client = new KubernetesClient(configuration, new KubernetesClientOptions { Random = random }, Clock);
        _leases = new KubernetesClient(configuration, KubernetesClientOptions.ForLeases with { Random = random }, Clock);
        var election = bed.Settings.Replicas == 1 ? null : new LeaderElectionOptions { Namespace = "default", Name = "rollout-controller", Identity = $"process-{number}", Random = random };
        _controller = new ControlService(
            new ControlOptions { Random = random, StatusInterval = bed.Settings.StatusInterval },
            () => new Connection(_client, _client, _leases, election),
            new Providers(new MetricProviders(new Dictionary<string, IMetricProvider> { ["rehearsal"] = _provider, ["slow"] = _slow }, "rehearsal"), Providers.None.Logs, Providers.None.Hooks),
            Lifetime, Clock, NullLoggerFactory.Instance);
    }

    /// <summary>Which process it is, from 1: a later one has a higher number.</summary>
    public int Number { get; }

    /// <summary>Its clock.</summary>
    public ProcessClock Clock { get; }

    /// <summary>Whether it was killed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Whether it asks again and again while no time passes: it gets no answer any more, or the run would never end.</summary>
    public bool IsLooping { get; set; }

    /// <summary>Tells when the process gives up.</summary>
    public RehearsedLifetime Lifetime { get; } = new();

    /// <summary>What it cannot see news of, and until when.</summary>
    public Dictionary<string, DateTimeOffset> FrozenCaches { get; } = [];

    /// <summary>The version at which it is told lists, for as long as the API server that it asks lags; null where none does.</summary>
    public (long Version, DateTimeOffset Until)? Lag { get; set; }

    /// <summary>Starts it.</summary>
    public Task StartAsync() => _controller.StartAsync(CancellationToken.None);

    /// <summary>Kills it: it does nothing any more, whatever was on its way.</summary>
    public void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        Freeze();
        _bed.Gone(this);
    }

    /// <summary>Stops it as SIGSTOP does, its timers and whatever the network brings.</summary>
    public void Freeze()
    {
        Clock.Freeze();
        _frozen ??= new TaskCompletionSource();
    }

    /// <summary>Lets it go on: first what the network brought, then what is late.</summary>
    public void Thaw()
    {
        if (IsDead)
            return;
        var frozen = _frozen;
        _frozen = null;
        frozen?.SetResult();
        Clock.Thaw();
    }

    /// <summary>Completes when it does not stand still.</summary>
    public Task RunningAsync(CancellationToken cancellationToken) => _frozen is { } frozen ? frozen.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Ends the process, so that nothing of it is left in this one.</summary>
    public async Task StopAsync()
    {
        IsDead = true;
        _api.CutOff();
        _metrics.CutOff();
        _frozen?.TrySetCanceled();
        _frozen = null;
        Clock.Thaw();
        await _controller.StoppingAsync(CancellationToken.None).ContinueWith(
            _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.FromCurrentSynchronizationContext());
    }

    public void Dispose()
    {
        _controller.Dispose();
        _client.Dispose();
        _leases.Dispose();
        _provider.Dispose();
        _slow.Dispose();
        _slowMetrics.Dispose();
        _metrics.Dispose();
        _prometheus.Dispose();
        _api.Dispose();
    }
}
