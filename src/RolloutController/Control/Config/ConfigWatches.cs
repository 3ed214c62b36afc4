using RolloutController.Kubernetes;

namespace RolloutController.Control.Config;

/// <summary>
/// Watches the ConfigMaps and Secrets that Rollouts ask for, each by its name, so that a role has to allow no more than those, and for as
/// long as a Rollout asks for it. Only digests are kept.
/// </summary>
internal sealed class ConfigWatches(IKubernetesClient client, TimeProvider clock, Random random, ILogger logger) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Namespace, ConfigKey Key), ConfigWatch> _watches = [];
    private readonly Dictionary<ObjectKey, HashSet<ConfigKey>> _followed = [];
    private readonly List<Task> _ending = [];

    /// <summary>Called with the key of each Rollout that a change concerns.</summary>
    public event Action<ObjectKey>? Changed;

    /// <summary>Has a Rollout follow exactly these objects of its namespace.</summary>
    /// <returns>Their watches.</returns>
    public IReadOnlyDictionary<ConfigKey, ConfigWatch> Follow(ObjectKey rollout, IEnumerable<ConfigKey> objects)
    {
        var wanted = objects.ToHashSet();
        var followed = new Dictionary<ConfigKey, ConfigWatch>();
        var started = new List<ConfigWatch>();
        lock (_gate)
        {
            foreach (var key in _followed.GetValueOrDefault(rollout, []).Except(wanted))
                Leave(rollout, key);
            foreach (var key in wanted)
            {
                if (!_watches.TryGetValue((rollout.Namespace, key), out var watch))
                {
                    _watches[(rollout.Namespace, key)] = watch = new ConfigWatch(client, rollout.Namespace, key, Tell, clock, random, logger);
                    started.Add(watch);
                }
                watch.Followers.Add(rollout);
                followed[key] = watch;
            }
            if (wanted.Count > 0)
                _followed[rollout] = wanted;
            else
                _followed.Remove(rollout);
        }

        foreach (var watch in started)
            watch.Start();
        return followed;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        List<Task> ending;
        lock (_gate)
        {
            ending = [.. _ending, .. _watches.Values.Select(watch => watch.DisposeAsync().AsTask())];
            _watches.Clear();
            _followed.Clear();
        }
        await Task.WhenAll(ending);
    }

    private void Leave(ObjectKey rollout, ConfigKey key)
    {
        var watch = _watches[(rollout.Namespace, key)];
        watch.Followers.Remove(rollout);
        if (watch.Followers.Count > 0)
            return;
        _watches.Remove((rollout.Namespace, key));
        _ending.RemoveAll(task => task.IsCompleted);
        _ending.Add(watch.DisposeAsync().AsTask());
    }

    private void Tell(ConfigWatch watch)
    {
        List<ObjectKey> followers;
        lock (_gate)
            followers = [.. watch.Followers];
        foreach (var rollout in followers)
            Changed?.Invoke(rollout);
    }
}

/// <summary>The watch of one ConfigMap or Secret.</summary>
internal sealed class ConfigWatch : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _answered = new();
    private readonly Informer<ConfigDigest> _informer;
    private readonly ObjectKey _key;
    private readonly Action<ConfigWatch> _tell;
    private volatile Exception? _failure;
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares the watch.</summary>
    public ConfigWatch(IKubernetesClient client, string @namespace, ConfigKey key, Action<ConfigWatch> tell, TimeProvider clock, Random random, ILogger logger)
    {
        _key = new ObjectKey(@namespace, key.Name);
        _tell = tell;
        var options = new InformerOptions<ConfigDigest> { Namespaces = [@namespace], FieldSelector = $"metadata.name={key.Name}", Random = random };
        _informer = new Informer<ConfigDigest>(client, KubernetesKinds.Digest(key.Kind), options, clock, logger);
        _informer.Changed += _ => tell(this);
        _informer.Failed += Failed;
    }

    /// <summary>The Rollouts that follow it; guarded by the lock of <see cref="ConfigWatches"/>.</summary>
    public HashSet<ObjectKey> Followers { get; } = [];

    /// <summary>Done once the API has answered for the first time, be it with a refusal.</summary>
    public Task Answered => _answered.Task;

    /// <summary>The object; null where there is none.</summary>
    public ConfigDigest? Object => _informer.Get(_key);

    /// <summary>Whether the object, or that there is none, is known.</summary>
    public bool IsKnown => _informer.HasSynced;

    /// <summary>Why the API cannot be asked now; null where it can.</summary>
    public Exception? Failure => _informer.LastError is null ? null : _failure;

    /// <summary>Starts it.</summary>
    public void Start() => _run = Task.WhenAll(_informer.RunAsync(_stop.Token), SyncAsync());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _answered.TrySetResult();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _stop.Dispose();
    }

    /// <summary>That there is no such object is no change, but news.</summary>
    private async Task SyncAsync()
    {
        await _informer.WaitForSyncAsync(_stop.Token);
        _answered.TrySetResult();
        _tell(this);
    }

    private void Failed(Exception failure)
    {
        _failure = failure;
        _answered.TrySetResult();
        _tell(this);
    }
}
