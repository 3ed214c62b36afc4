namespace RolloutController.Kubernetes;

/// <summary>
/// A cache of the objects of one kind that follows the API, so that reading costs no request. It bears every failure of the API:
/// lists and watches are taken up again for as long as it runs, and nothing that happened in between is missed, deletions included.
/// </summary>
/// <typeparam name="T">The objects' type.</typeparam>
public sealed class Informer<T> : IInformer
    where T : class, IKubernetesObject
{
    private readonly ILogger _logger;
    private readonly InformerStore<T> _store;
    private readonly Dictionary<string, Reflector<T>> _reflectors;
    private readonly TaskCompletionSource _synced = new();
    private int _unsynced;

    /// <summary>Makes an informer; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">Asks the API.</param>
    /// <param name="kind">What to watch.</param>
    /// <param name="options">Which of them, and how they are found.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="logger">Told of lists and failures.</param>
    public Informer(IKubernetesClient client, ResourceKind<T> kind, InformerOptions<T> options, TimeProvider timeProvider, ILogger logger)
    {
        Kind = kind.Kind;
        Plural = kind.Plural;
        _logger = logger;
        _store = new InformerStore<T>(options.Indexes, Publish, Refuse);
        IEnumerable<string> scopes = options.Namespaces.Count == 0 ? [InformerStore<T>.AllNamespaces] : options.Namespaces.Distinct();
        _reflectors = scopes.ToDictionary(
            scope => scope,
            scope => new Reflector<T>(client, kind, scope, options, _store, timeProvider, logger));
        _unsynced = _reflectors.Count;
        foreach (var reflector in _reflectors.Values)
        {
            reflector.Synced += OnSynced;
            reflector.Failing += failure => Failed?.Invoke(failure);
        }
    }

    /// <summary>
    /// Told of every change, one after another, on the thread that brings it: handlers are to be quick, and are added before
    /// <see cref="RunAsync"/>. An exception in one is logged and keeps nothing from the others.
    /// </summary>
    public event Action<Change<T>>? Changed;

    /// <summary>Told of every failure to list or watch; the informer goes on trying.</summary>
    public event Action<Exception>? Failed;

    /// <summary>Told of each object that cannot be read, once until it can be; its last readable state stays in use.</summary>
    public event Action<UnreadableObject>? FoundUnreadable
    {
        add => _store.FoundUnreadable += value;
        remove => _store.FoundUnreadable -= value;
    }

    /// <summary>The objects that cannot be read now.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable => _store.Unreadable;

    /// <inheritdoc/>
    public string Kind { get; }

    /// <inheritdoc/>
    public string Plural { get; }

    /// <inheritdoc/>
    public bool HasSynced => _synced.Task.IsCompleted;

    /// <inheritdoc/>
    public bool IsServed => _reflectors.Values.Any(reflector => reflector.IsServed);

    /// <inheritdoc/>
    public int Count => _store.Count;

    /// <inheritdoc/>
    public DateTimeOffset LastEventAt => _reflectors.Values.Min(reflector => reflector.LastEventAt);

    /// <inheritdoc/>
    public string? LastError
    {
        get
        {
            var errors = string.Join("; ", _reflectors.Values.Select(reflector => reflector.LastError).OfType<string>().Distinct());
            return errors.Length == 0 ? null : errors;
        }
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        InformerInstruments.Running.Add(this);
        try
        {
            await Task.WhenAll(_reflectors.Values.Select(reflector => reflector.RunAsync(cancellationToken)));
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // A regular stop, whatever the requests that it cuts off make of it.
        }
        finally
        {
            InformerInstruments.Running.Remove(this);
        }
    }

    /// <inheritdoc/>
    public void Resync()
    {
        foreach (var reflector in _reflectors.Values)
            reflector.Resync();
    }

    /// <inheritdoc/>
    public async Task WaitForSyncAsync(CancellationToken cancellationToken)
    {
        await _synced.Task.WaitAsync(cancellationToken);
        // Off the stack of the list that filled the cache.
        await Task.Yield();
    }

    /// <summary>The object of a key; null when there is none.</summary>
    public T? Get(ObjectKey key) => _store.Get(key);

    /// <summary>All objects, as they are now; the collection does not change later.</summary>
    public IReadOnlyCollection<T> List() => _store.List();

    /// <summary>The objects that an index of the options finds by a value, as they are now; the list does not change later.</summary>
    /// <exception cref="ArgumentException">The options name no such index.</exception>
    public IReadOnlyList<T> ByIndex(string index, string value) => _store.ByIndex(index, value);

    /// <summary>
    /// Takes the API's answer to our own write, so that the next look sees it. It is left out where the watch is past it already,
    /// and outside the namespaces that are watched.
    /// </summary>
    public void Remember(T written)
    {
        var scope = _reflectors.ContainsKey(InformerStore<T>.AllNamespaces) ? InformerStore<T>.AllNamespaces : written.Metadata.Namespace;
        _store.Remember(scope, written);
    }

    /// <summary>Takes an object for gone, as the API took our deletion of it: an event from before that brings it back no more.</summary>
    public void RememberDeleted(T deleted) => _store.RememberDeleted(deleted);

    /// <summary>Takes an object for gone that the API no longer has: whatever the watch still tells of it is the past.</summary>
    public void RememberGone(T gone) => _store.RememberGone(gone);

    private void OnSynced()
    {
        if (Interlocked.Decrement(ref _unsynced) == 0)
            _synced.TrySetResult();
    }

    private void Refuse(T item, Exception exception)
    {
        KubernetesMetrics.CouldNotRead(Plural);
        _logger.LogError(exception, "{Kind} {Key} is of a shape that nothing is made for; its last readable state stays in use", Kind, item.Metadata.Key);
    }

    private void Publish(Change<T> change)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(Changed))
        {
            try
            {
                handler(change);
            }
            catch (Exception exception)
            {
                _logger.LogError(exception, "A handler of changes to {Kind} {Key} failed", Kind, change.Object.Metadata.Key);
            }
        }
    }
}
