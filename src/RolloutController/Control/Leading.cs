using RolloutController.Analysis.Checks;
using RolloutController.Control.Config;
using RolloutController.Control.Tracing;
using RolloutController.Kubernetes;
using RolloutController.Notifications;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>The work of the replica that leads: workers take Rollouts from the queue, one pass at a time for each.</summary>
internal sealed class Leading : IEventSink, IAsyncDisposable
{
    /// <summary>How long a pass may go on after the process was asked to stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    /// <summary>A pass that fails once or twice is nobody's business.</summary>
    private const int FailuresUntilTold = 3;

    private readonly Caches _caches;
    private readonly WorkQueue<WorkItem> _queue;
    private readonly Reconciler _reconciler;
    private readonly WorkloadReturn _workloads;
    private readonly HttpMessageInvoker _pods;
    private readonly Sampling _sampling;
    private readonly RolloutTracer _tracer;
    private readonly ConfigWatches _configs;
    private readonly EventRecorder _events;
    private readonly Notifier? _notifier;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    private readonly int _workers;

    /// <summary>Puts the parts of the work together.</summary>
    public Leading(
        ControlOptions options, IKubernetesClient client, IKubernetesClient watches, Caches caches, WorkQueue<WorkItem> queue, Providers providers, Tenure tenure, string identity, TimeProvider clock, ILoggerFactory loggers)
    {
        _workers = options.Workers;
        _caches = caches;
        _queue = queue;
        _clock = clock;
        _notifier = options.Notifier;
        _logger = loggers.CreateLogger<Leading>();
        _events = new EventRecorder(client, KubernetesKinds.Event, "rollout-controller", identity, clock, options.Random, loggers.CreateLogger<EventRecorder>());
        _tracer = new RolloutTracer(clock);
        var evidence = new EvidenceBook();
        var templates = new TemplateResolver(client);
        _configs = new ConfigWatches(watches, clock, options.Random, loggers.CreateLogger<ConfigWatches>());
        var configs = new ConfigReader(_configs, new ConfigRights(client), clock);
        _pods = new HttpMessageInvoker(options.Pods ?? PodConnection.Open(), disposeHandler: options.Pods is null);
        var arms = new Arms(caches);
        _sampling = new Sampling(arms, evidence, providers, new CheckFactory(client, caches, arms, providers, _pods, clock), new Turns(options.LooksAtATime, options.TurnPatience, clock), _tracer, clock, loggers.CreateLogger<Sampling>());
        _workloads = new WorkloadReturn(client, caches, this);
        var writes = new CachedWrites(client);
        var statuses = new StatusWriter(client, caches, tenure, options.StatusInterval, clock);
        _reconciler = new Reconciler(
            caches,
            new Takeover(writes, caches, tenure, statuses),
            new Observer(caches, templates, configs, evidence, providers, clock),
            statuses,
            new LiveEndpoints(client, caches),
            new Executor(writes, caches, new ConfigCopies(client, writes, caches, options.Random)),
            _sampling,
            evidence,
            templates,
            configs,
            _workloads,
            this,
            _tracer,
            clock,
            loggers.CreateLogger<Reconciler>());
    }

    /// <summary>Works until it is told to stop, then lets passes that are under way finish.</summary>
    /// <param name="stop">Ends the work.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        using var passes = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _clock);
        await using var grace = stop.Register(() => passes.CancelAfter(Grace));
        using var tellingStop = new CancellationTokenSource();
        var telling = Task.WhenAll(_events.RunAsync(tellingStop.Token), _notifier?.RunAsync(tellingStop.Token) ?? Task.CompletedTask, new Doubt(_caches, _clock).RunAsync(tellingStop.Token));
        _sampling.Sampled += OnSampled;
        _configs.Changed += OnConfigChanged;
        _workloads.Wanted += OnWanted;
        _workloads.Watch();
        _caches.Rollouts.FoundUnreadable += OnUnreadable;
        foreach (var unreadable in _caches.Rollouts.Unreadable)
            OnUnreadable(unreadable);
        foreach (var rollout in _caches.Rollouts.List())
            _queue.Add(new WorkItem(WorkKind.Rollout, rollout.Key), _caches.Urgency(rollout.Key));
        foreach (var deployment in _caches.Deployments.List())
            _queue.Add(new WorkItem(WorkKind.Deployment, deployment.Metadata.Key));
        try
        {
            // As many again that touch nothing but what is urgent: a rollback never waits for slow work that is not.
            Priority[] kinds = [Priority.Normal, Priority.Urgent];
            await Task.WhenAll(kinds.SelectMany(least => Enumerable.Range(0, _workers).Select(_ => WorkAsync(least, stop, passes.Token))));
        }
        finally
        {
            _sampling.Sampled -= OnSampled;
            _configs.Changed -= OnConfigChanged;
            _workloads.Wanted -= OnWanted;
            _caches.Rollouts.FoundUnreadable -= OnUnreadable;
            tellingStop.Cancel();
            await telling;
        }
    }

    /// <inheritdoc/>
    public void Record(RolloutObject rollout, Notice notice)
    {
        Record(EventSource.Of(RolloutObject.Kind, rollout.Metadata), notice);
        if (_notifier is not { HasSinks: true })
            return;
        var told = new Notification(rollout.Metadata.Namespace, rollout.Metadata.Name, rollout.Metadata.Uid, rollout.Status, notice, _clock.GetUtcNow());
        var set = _caches.ReplicaSetsOf(rollout.Metadata.Uid).FirstOrDefault(set => ReplicaSets.Revision(set) == told.Revision);
        _notifier.Tell(told with { Images = set?.Spec.Template.Images ?? [] });
    }

    /// <inheritdoc/>
    public void Record(Deployment deployment, Notice notice)
    {
        _logger.Log(notice.IsWarning ? LogLevel.Warning : LogLevel.Information, "Deployment {Deployment}: {Message}", deployment.Metadata.Key, notice.Message);
        Record(EventSource.Of(KubernetesKinds.Deployment, deployment.Metadata), notice);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sampling.DisposeAsync();
        _tracer.Dispose();
        await _configs.DisposeAsync();
        _pods.Dispose();
    }

    private void Record(EventSource about, Notice notice) =>
        _events.Record(about, notice.IsWarning ? EventType.Warning : EventType.Normal, notice.Reason, "Reconcile", notice.Message);

    private async Task WorkAsync(Priority least, CancellationToken stop, CancellationToken pass)
    {
        while (!stop.IsCancellationRequested)
        {
            WorkItem item;
            try
            {
                item = await _queue.TakeAsync(stop, least);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await PassAsync(item, pass);
            }
            finally
            {
                _queue.Done(item);
            }
        }
    }

    private async Task PassAsync(WorkItem item, CancellationToken cancellationToken)
    {
        using var scope = _logger.BeginScope(new Dictionary<string, object> { ["Rollout"] = item.Key.ToString(), ["ReconcileId"] = Guid.NewGuid().ToString("N")[..12] });
        var started = _clock.GetTimestamp();
        var result = "error";
        try
        {
            var wake = item.Kind == WorkKind.Rollout ? await _reconciler.ReconcileAsync(item.Key, cancellationToken) : await GiveBackAsync(item.Key, cancellationToken);
            _queue.Forget(item);
            if (wake is { } moment)
                _queue.AddAfter(item, moment - _clock.GetUtcNow(), _caches.Urgency(item.Key));
            result = wake is null ? "success" : "requeue_after";
        }
        catch (NotLeaderException held)
        {
            _logger.LogWarning("{Item}: {Message}", item, held.Message);
            _queue.AddRateLimited(item, _caches.Urgency(item.Key));
        }
        catch (Exception stale) when (stale is ChangedMeanwhileException or KubernetesApiException { IsConflict: true } or KubernetesApiException { IsAlreadyExists: true })
        {
            _logger.LogDebug("{Item}: changed meanwhile, looking again: {Message}", item, stale.Message);
            _queue.AddRateLimited(item, _caches.Urgency(item.Key));
            result = "requeue";
            // A cache is behind once. A name that stays taken belongs to somebody who does not give it up.
            if (stale is KubernetesApiException { IsAlreadyExists: true })
                await ReportAsync(item, stale, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // Whatever one Rollout does must not stop the others; it is tried again, ever less often.
        catch (Exception failed)
#pragma warning restore CA1031
        {
            _logger.LogError(failed, "{Item}: the pass failed and is tried again", item);
            _queue.AddRateLimited(item, _caches.Urgency(item.Key));
            await ReportAsync(item, failed, cancellationToken);
        }
        finally
        {
            ControlInstruments.Reconciled(result, _clock.GetElapsedTime(started));
        }
    }

    /// <summary>What fails again and again, or cannot succeed before somebody changes something, is for people to know.</summary>
    private async Task ReportAsync(WorkItem item, Exception failed, CancellationToken cancellationToken)
    {
        if (item.Kind != WorkKind.Rollout || Trouble.IsOutage(failed) || (failed is not EffectRefusedException && _queue.Failures(item) < FailuresUntilTold))
            return;
        try
        {
            await _reconciler.ReportAsync(item.Key, failed, cancellationToken);
        }
#pragma warning disable CA1031 // The next failure reports anew; nothing rests on this.
        catch (Exception unwritten)
#pragma warning restore CA1031
        {
            _logger.LogDebug(unwritten, "{Item}: its trouble could not be written into its status", item);
        }
    }

    private async Task<DateTimeOffset?> GiveBackAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        await _workloads.GiveBackAsync(key, cancellationToken);
        return null;
    }

    private void OnUnreadable(UnreadableObject rollout) => _events.Record(
        EventSource.Of(RolloutObject.Kind, new ObjectMeta { Namespace = rollout.Key.Namespace, Name = rollout.Key.Name, Uid = rollout.Uid }),
        EventType.Warning,
        EventReason.Unreadable,
        "Reconcile",
        "this version of the controller cannot read the Rollout, and works with the last state that it could read, if there was one; the controller's log says which field it is. Is the CRD of another version?");

    private void OnConfigChanged(ObjectKey key) => _queue.Add(new WorkItem(WorkKind.Rollout, key));

    private void OnSampled(ObjectKey key) => _queue.Add(new WorkItem(WorkKind.Rollout, key), Priority.Urgent);

    private void OnWanted(ObjectKey key) => _queue.Add(new WorkItem(WorkKind.Deployment, key));
}
