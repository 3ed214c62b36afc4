using System.Threading.Channels;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Pods;

/// <summary>
/// Scheduler and kubelet of the one node of an embedded cluster. Nothing runs on it: pods come to what their scripts say, and their
/// status tells it as a kubelet would.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="scriptFor">How a pod that is new lives; asked once for each, in the order in which they are made.</param>
public sealed class SimulatedKubelet(EmbeddedCluster cluster, Func<StoredObject, PodScript> scriptFor)
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<string, PodLife> _lives = [];
    private readonly PodAddresses _addresses = new();

    /// <summary>Has pods that run do something else from now on; pods that are made later live by their scripts.</summary>
    /// <param name="which">Which pods.</param>
    /// <param name="conduct">What they do.</param>
    public void Turn(Func<StoredObject, bool> which, PodConduct conduct) => _work.Writer.TryWrite(() =>
    {
        foreach (var pod in cluster.List("pods").Where(which))
        {
            if (_lives.TryGetValue(pod.Uid, out var life) && life is { IsRunning: true, IsEnding: false })
                life.Turn(conduct);
        }
    });

    /// <summary>Works until it is cancelled; to be called once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        cluster.Committed += Note;
        try
        {
            foreach (var pod in cluster.List("pods"))
                Note(new ObjectChange(null, pod, pod.Version));
            while (true)
                (await _work.Reader.ReadAsync(cancellationToken))();
        }
        finally
        {
            cluster.Committed -= Note;
            foreach (var life in _lives.Values)
                life.Dispose();
            await Task.WhenAll(_lives.Values.Select(life => life.Task));
        }
    }

    private void Note(ObjectChange change)
    {
        if (change.Object.Plural == "pods" && Matters(change))
            _work.Writer.TryWrite(() => Follow(change));
    }

    /// <summary>Whether a change is anything but the kubelet's own report.</summary>
    private static bool Matters(ObjectChange change) => change is not { Old: { } old, New: { } now } || old.IsDeleting() != now.IsDeleting();

    private void Follow(ObjectChange change)
    {
        var pod = change.Object;
        if (change.New is null)
            Forget(pod);
        else if (pod.HasEnded())
            return;
        else if (pod.IsDeleting())
            End(pod);
        else if (!_lives.ContainsKey(pod.Uid))
            Begin(pod);
    }

    private PodLife Begin(StoredObject pod)
    {
        var life = new PodLife(cluster, pod, scriptFor(pod), pod.Address() ?? _addresses.Take());
        _lives.Add(pod.Uid, life);
        life.Begin();
        _ = WatchAsync(life);
        return life;
    }

    private void End(StoredObject pod)
    {
        var life = _lives.GetValueOrDefault(pod.Uid) ?? Begin(pod);
        if (!life.IsEnding)
        {
            life.End(pod);
            _ = WatchAsync(life);
        }
    }

    private void Forget(StoredObject pod)
    {
        if (!_lives.Remove(pod.Uid, out var life))
            return;
        life.Dispose();
        cluster.Logs.Forget(pod);
        _addresses.GiveBack(life.Address);
    }

    /// <summary>A pod that could not be played ends the kubelet: a rehearsal without it would tell nothing.</summary>
    private async Task WatchAsync(PodLife life)
    {
        try
        {
            await life.Task;
        }
#pragma warning disable CA1031 // Told by RunAsync.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _work.Writer.TryComplete(exception);
        }
    }
}
