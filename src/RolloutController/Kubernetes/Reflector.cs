namespace RolloutController.Kubernetes;

/// <summary>Keeps one scope of an informer's store like the API has it: a list, then a watch from there on, for as long as it runs.</summary>
internal sealed class Reflector<T>(
    IKubernetesClient client,
    ResourceKind<T> kind,
    string scope,
    InformerOptions<T> options,
    InformerStore<T> store,
    TimeProvider timeProvider,
    ILogger logger)
    where T : class, IKubernetesObject
{
    private static readonly TimeSpan IdleGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoPause = TimeSpan.Zero;

    private readonly string? _namespace = scope == InformerStore<T>.AllNamespaces ? null : scope;
    private readonly KeyValuePair<string, object?> _kindTag = InformerInstruments.Tag(kind.Plural);
    private readonly Backoff _backoff = new(timeProvider, options.Random);
    private readonly Backoff _probes = new(timeProvider, options.Random) { Longest = ProbeInterval / 2 };
    private volatile string? _lastError = "not listed yet";
    private long _lastEventTicks = DateTimeOffset.UnixEpoch.UtcTicks;
    private long? _failingSince;
    private long? _absentSince;
    private long _listedAt;
    private bool _synced;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _watching;

    // Why the next turn is a list; null when it is a watch.
    private string? _listReason = "start";

    /// <summary>Told once, when the store has been filled for the first time.</summary>
    public event Action? Synced;

    /// <summary>Told of every failure to list or watch.</summary>
    public event Action<Exception>? Failing;

    public bool IsServed { get; private set; }

    public string? LastError => _lastError;

    public DateTimeOffset LastEventAt => new(Interlocked.Read(ref _lastEventTicks), TimeSpan.Zero);

    private string Where => _namespace is null ? kind.Plural : $"{kind.Plural} of namespace {_namespace}";

    /// <summary>Ends the watch that is open, and lists anew; a list that is under way, or due, is as good.</summary>
    public void Resync()
    {
        lock (_gate)
            _watching?.Cancel();
    }

    /// <summary>Lists and watches until it is cancelled; no failure ends it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var pause = await TakeTurnAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (pause > NoPause)
                await Task.Delay(pause, timeProvider, cancellationToken);
        }
    }

    private async Task<TimeSpan> TakeTurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _listReason is { } reason
                ? await ListAsync(reason, cancellationToken)
                : await WatchAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(exception);
        }
    }

    private async Task<TimeSpan> ListAsync(string reason, CancellationToken cancellationToken)
    {
        if (reason != "start")
            InformerInstruments.Relists.Add(1, _kindTag, new("reason", reason));
        try
        {
            var list = await ReadListAsync(cancellationToken);
            store.Replace(scope, list);
            logger.LogInformation("Listed {Count} {Where} at version {Version}", list.Items.Count, Where, list.ResourceVersion);
            _listReason = null;
            _absentSince = null;
            _listedAt = timeProvider.GetTimestamp();
            Heard(served: true);
            return NoPause;
        }
        catch (KubernetesApiException exception) when (exception.IsNotFound && options.Optional)
        {
            return Absent();
        }
    }

    /// <summary>
    /// An API server that has just started may say of kinds that others serve that they are not there. So a kind that was there is gone only
    /// once that is said for a while; and one that is not there is looked for again soon, then ever less often.
    /// </summary>
    private TimeSpan Absent()
    {
        var now = timeProvider.GetTimestamp();
        _absentSince ??= now;
        _listReason = "probe";
        var pause = _probes.Next();
        if (IsServed && timeProvider.GetElapsedTime(_absentSince.Value, now) < Doubt)
        {
            _lastError = $"Listing {Where} failed: the API does not serve them any more.";
            logger.LogWarning("The API does not serve {ApiVersion} {Kind} any more; asking again in {Pause}", kind.ApiVersion, kind.Kind, pause);
            return pause;
        }

        if (!_synced || IsServed)
            logger.LogInformation("The API does not serve {ApiVersion} {Kind}; looking again every {Interval} at the least", kind.ApiVersion, kind.Kind, ProbeInterval);
        store.Clear(scope);
        Heard(served: false);
        return pause;
    }

    /// <summary>Lists at least the state that is known already; any state where the API no longer knows that one.</summary>
    private async Task<ResourceList<T>> ReadListAsync(CancellationToken cancellationToken)
    {
        var known = store.Position(scope) ?? "";
        try
        {
            var list = await client.ListAsync(kind, _namespace, new ListOptions(options.LabelSelector, known, options.FieldSelector), cancellationToken);
            if (known.Length == 0 || ResourceVersions.IsAtLeast(list.ResourceVersion, known))
                return list;
            // Older than what was asked for: some server of several is behind. Only the most recent state can tell that storage went back.
            logger.LogWarning("The API answered {Where} of version {Version}, though at least {Known} was asked for; asking for the most recent", Where, list.ResourceVersion, known);
        }
        catch (KubernetesApiException exception) when (known.Length > 0 && (exception.IsGone || IsAheadOfTheApi(exception)))
        {
            // Then any state will do.
        }

        return await client.ListAsync(kind, _namespace, new ListOptions(options.LabelSelector, FieldSelector: options.FieldSelector), cancellationToken);
    }

    // The API says it only so: the cause's type is not in every version.
    private static bool IsAheadOfTheApi(KubernetesApiException exception) =>
        exception.Causes.Select(cause => cause.Message).Append(exception.Message)
            .Any(message => message.Contains("Too large resource version", StringComparison.OrdinalIgnoreCase));

    private async Task<TimeSpan> WatchAsync(CancellationToken cancellationToken)
    {
        // Spread, so that the watches of a restarted API do not all end together ever after.
        var timeout = TimeSpan.FromMinutes(5) * (1 + options.Random.NextDouble());
        var from = new WatchOptions(store.Position(scope) ?? "", options.LabelSelector, timeout, options.FieldSelector);
        var started = timeProvider.GetTimestamp();
        var events = 0;
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var idle = new Deadline(timeout + IdleGrace, timeProvider, watching.Token);
        Open(watching);
        try
        {
            await foreach (var change in client.WatchAsync(kind, _namespace, from, idle.Token))
            {
                events++;
                idle.Extend(timeout + IdleGrace);
                await TakeAsync(change, idle.Token);
                Heard(served: true);
            }
        }
        catch (OperationCanceledException) when (idle.HasPassed || watching.IsCancellationRequested)
        {
        }
        finally
        {
            Open(null);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (watching.IsCancellationRequested)
        {
            _listReason = "resync";
            return Restart("resync", NoPause);
        }

        var elapsed = timeProvider.GetElapsedTime(started);
        if (idle.HasPassed)
            return Faulty("idle", $"brought nothing for {timeout + IdleGrace:g}, not even a bookmark");
        return events == 0 && elapsed < ShortestWatch
            ? Faulty("short", "ended as soon as it began")
            : Restart("ended", NoPause);
    }

    private void Open(CancellationTokenSource? watching)
    {
        lock (_gate)
            _watching = watching;
    }

    private async Task TakeAsync(WatchEvent<T> change, CancellationToken cancellationToken)
    {
        if (change.Type != WatchEventType.Unreadable)
        {
            store.Apply(scope, change);
            return;
        }

        if (string.IsNullOrEmpty(change.Key.Name))
            throw new InvalidDataException($"An event of {Where} could not be read, not even the name of its object.");
        logger.LogWarning("An event of {Kind} {Key} could not be read; reading the object itself", kind.Kind, change.Key);
        try
        {
            store.ApplyLive(scope, change, await client.GetAsync(kind, change.Key, cancellationToken));
        }
        catch (Exception exception) when (!WatchFailure.IsPassing(exception))
        {
            // One object that nobody can read must not keep the others from being seen: the last good state stays.
            logger.LogError(exception, "{Kind} {Key} cannot be read; its last readable state stays in use", kind.Kind, change.Key);
            store.ApplyUnreadable(scope, change);
        }
    }

    private TimeSpan Restart(string reason, TimeSpan pause)
    {
        InformerInstruments.WatchRestarts.Add(1, _kindTag, new("reason", reason));
        logger.LogDebug("The watch of {Where} ended ({Reason}); taking it up again in {Pause}", Where, reason, pause);
        return pause;
    }

    private TimeSpan Faulty(string reason, string fault)
    {
        _lastError = $"The watch of {Where} {fault}.";
        logger.LogWarning("The watch of {Where} {Fault}", Where, fault);
        return Restart(reason, _backoff.Next());
    }

    private TimeSpan Failed(Exception exception)
    {
        var pause = _backoff.Next();
        if (exception is KubernetesApiException { RetryAfter: { } asked } && asked > pause)
            pause = asked;
        var verb = _listReason is null ? "Watching" : "Listing";
        _lastError = $"{verb} {Where} failed: {exception.Message}";
        logger.LogWarning(exception, "{Verb} {Where} failed; again in {Pause}", verb, Where, pause);
        Failing?.Invoke(exception);
        if (_listReason is not null)
            return pause;

        var now = timeProvider.GetTimestamp();
        _failingSince ??= now;
        var failure = WatchFailure.Of(exception, timeProvider.GetElapsedTime(_failingSince.Value, now));
        if (!failure.Relist)
            return Restart(failure.Reason, pause);
        _listReason = failure.Reason;
        // No failure of the API, which asks for the list: that follows at once, unless the last one has hardly been.
        var isGone = exception is KubernetesApiException { IsGone: true } && timeProvider.GetElapsedTime(_listedAt, now) > _backoff.Longest;
        return isGone ? NoPause : pause;
    }

    private void Heard(bool served)
    {
        Interlocked.Exchange(ref _lastEventTicks, timeProvider.GetUtcNow().UtcTicks);
        _lastError = null;
        _failingSince = null;
        IsServed = served;
        if (_synced)
            return;
        _synced = true;
        Synced?.Invoke();
    }
}
