using RolloutController.Control.Health;
using RolloutController.Kubernetes;

namespace RolloutController.Control;

/// <summary>
/// Runs the controller: connects, fills the caches on every replica, elects the one that acts, and ends in the order that loses
/// nothing: work, events, lease, caches. It stays up when something is missing and says what.
/// </summary>
public sealed class ControlService : IHostedLifecycleService, IHealthReport, IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);

    /// <summary>How long a watch may be silent beside an error before the API counts as unreachable.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly ControlOptions _options;
    private readonly Func<Connection> _connect;
    private readonly Providers _providers;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;
    private volatile string? _startProblem = "it has not connected yet";
    private volatile Caches? _caches;
    private volatile LeaderElector? _elector;
    private volatile bool _draining;

    /// <summary>Sets the service up; nothing runs yet.</summary>
    /// <param name="options">How.</param>
    /// <param name="connect">Makes the clients; what it throws is what is missing.</param>
    /// <param name="providers">Who is asked about versions.</param>
    /// <param name="lifetime">Ends the process when leadership is lost.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    public ControlService(
        ControlOptions options, Func<Connection> connect, Providers providers, IHostApplicationLifetime lifetime, TimeProvider clock, ILoggerFactory loggers)
    {
        _options = options;
        _connect = connect;
        _providers = providers;
        _lifetime = lifetime;
        _clock = clock;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ControlService>();
    }

    /// <summary>Given the caches before their watches run, so that whoever follows them misses nothing.</summary>
    public event Action<Caches>? CachesMade;

    /// <summary>Told once everything is listed; what it does is over before this replica may act.</summary>
    public event Action? CachesFilled;

    /// <summary>Whether the work ended though nobody asked it to: the process is to end with an error, so that whoever keeps it starts it anew.</summary>
    public bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _run = SuperviseAsync(_stop.Token);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Drains before the web server stops, so that probes are answered meanwhile.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        _stop.Cancel();
        await _run.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public IReadOnlyList<HealthCheck> Live() =>
    [
        new("controller", !_run.IsFaulted, _run.IsFaulted ? "the controller's work ended unexpectedly; see the log" : "runs"),
        new("lease", _elector?.IsHealthy ?? true, _elector?.IsHealthy ?? true ? "renewed in time" : "this replica leads, but has not renewed its lease in time"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<HealthCheck> Ready()
    {
        if (_draining)
            return [new("draining", Ok: false, "the process is stopping")];
        if (_startProblem is { } problem)
            return [new("api", Ok: false, problem)];
        return [.. (_caches?.All ?? []).Select(Check)];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Details() => new Dictionary<string, string>
    {
        ["leader"] = _elector is { IsLeader: true } ? "this replica" : _elector?.Holder ?? "none elected",
        ["rollouts"] = (_caches?.Rollouts.Count ?? 0).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["namespaces"] = _options.Namespaces.Count == 0 ? "all" : string.Join(", ", _options.Namespaces),
    };

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private HealthCheck Check(IInformer informer)
    {
        var error = informer.LastError;
        if (!informer.HasSynced)
        {
            var hint = informer.Kind == RolloutObject.Kind.Kind && !informer.IsServed && error is not null
                ? "; if the CRD is missing: kubectl apply -f crds/rollouts.yaml"
                : "";
            return new HealthCheck(informer.Kind, Ok: false, $"the cache is not filled: {error ?? "the list is under way"}{hint}");
        }

        var unreachable = error is not null && _clock.GetUtcNow() - informer.LastEventAt > Silence;
        return new HealthCheck(informer.Kind, !unreachable, unreachable ? $"the API is unreachable: {error}" : "watched");
    }

    private async Task SuperviseAsync(CancellationToken stop)
    {
        // Beside the host, which goes on starting: probes are to be answered while caches fill.
        await Task.Yield();
        try
        {
            await RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (LeadershipLostException lost)
        {
            // Another replica may act by now; whatever is still in memory here must not.
            _logger.LogCritical("{Message}; this process ends", lost.Message);
            HasFailed = true;
            _lifetime.StopApplication();
        }
        catch (Exception unexpected)
        {
            _logger.LogCritical(unexpected, "The controller's work ended unexpectedly; this process ends");
            HasFailed = true;
            _lifetime.StopApplication();
            throw;
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        var clients = await UntilAsync(() => Task.FromResult(_connect()), stop);
        var slices = await UntilAsync(() => EndpointSlicesAsync(clients.Requests, stop), stop);
        var caches = new Caches(clients.Watches, slices, _options.Namespaces, _clock, _options.Random, _loggers.CreateLogger<Caches>());
        var queue = new WorkQueue<WorkItem>("rollout", _clock, _options.Random);
        caches.OnChange(key => queue.Add(new WorkItem(WorkKind.Rollout, key), caches.Urgency(key)));
        ControlInstruments.Running.Add(caches);
        CachesMade?.Invoke(caches);
        _caches = caches;
        _startProblem = null;

        using var watching = new CancellationTokenSource();
        var watches = Task.WhenAll(caches.All.Select(informer => informer.RunAsync(watching.Token)));
        try
        {
            await Task.WhenAny(watches, Task.WhenAll(caches.All.Select(informer => informer.WaitForSyncAsync(stop)))).Unwrap();
            stop.ThrowIfCancellationRequested();
            _logger.LogInformation("Caches are filled: {Rollouts} Rollouts", caches.Rollouts.Count);
            CachesFilled?.Invoke();
            await Task.WhenAny(watches, ElectAsync(clients, caches, queue, stop)).Unwrap();
        }
        finally
        {
            watching.Cancel();
            await watches.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            ControlInstruments.Running.Remove(caches);
            queue.ShutDown();
        }
    }

    private async Task ElectAsync(Connection clients, Caches caches, WorkQueue<WorkItem> queue, CancellationToken stop)
    {
        if (clients.Election is not { } election)
        {
            await LeadAsync(clients.Requests, new Tenure(LeaderElectionOptions.NewIdentity(), 0), Environment.MachineName, stop);
            return;
        }

        var elector = new LeaderElector(clients.Leases, KubernetesKinds.Lease, election, _clock, _loggers.CreateLogger<LeaderElector>());
        _elector = elector;
        await elector.RunAsync(
            (term, leading) => LeadAsync(clients.Requests.Guarded(() => Fence(elector)), new Tenure(term.Identity, term.Transitions), election.Identity, leading), stop);

        async Task LeadAsync(IKubernetesClient client, Tenure tenure, string identity, CancellationToken leading)
        {
            await using var work = new Leading(_options, client, clients.Watches, caches, queue, _providers, tenure, identity, _clock, _loggers);
            await work.RunAsync(leading);
        }
    }

    /// <summary>A leader that was frozen must not act on when it wakes beside its successor.</summary>
    private static void Fence(LeaderElector elector)
    {
        if (!elector.MayAct)
            throw new NotLeaderException();
    }

    /// <summary>EndpointSlices are v1 since Kubernetes 1.21.</summary>
    private static async Task<ResourceKind<EndpointSlice>> EndpointSlicesAsync(IKubernetesClient client, CancellationToken cancellationToken) =>
        await client.ServesAsync(KubernetesKinds.EndpointSlice, cancellationToken) ? KubernetesKinds.EndpointSlice : KubernetesKinds.EndpointSliceV1Beta1;

    private async Task<T> UntilAsync<T>(Func<Task<T>> attempt, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (Exception missing) when (missing is KubernetesConfigurationException or KubernetesApiException or HttpRequestException or IOException or TimeoutException)
            {
                if (_startProblem != missing.Message)
                    _logger.LogError("Not connected to the Kubernetes API, trying again every {Retry} s: {Message}", Retry.TotalSeconds, missing.Message);
                _startProblem = missing.Message;
                await Task.Delay(Retry, _clock, stop);
            }
        }
    }
}
