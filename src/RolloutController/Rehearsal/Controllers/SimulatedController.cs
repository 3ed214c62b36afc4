using System.Diagnostics.CodeAnalysis;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// A controller beside an embedded cluster: it is told which objects changed, and brings each, one at a time, to where it should be.
/// It reads the cluster itself and no cache of it, so that nothing it sees is older than what it wrote.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "RunAsync disposes of the queue when it ends.")]
public abstract class SimulatedController
{
    /// <summary>
    /// How long a change takes to be noticed, as watches do. What changes at one moment is then looked at once, and not once for each commit.
    /// </summary>
    private static readonly TimeSpan Lag = TimeSpan.FromMilliseconds(5);

    private readonly KeyQueue _queue;

    private protected SimulatedController(EmbeddedCluster cluster)
    {
        Cluster = cluster;
        _queue = new KeyQueue(cluster.Clock);
    }

    /// <summary>The cluster.</summary>
    private protected EmbeddedCluster Cluster { get; }

    /// <summary>The clock of the cluster.</summary>
    private protected TimeProvider Clock => Cluster.Clock;

    /// <summary>The plurals of the kinds that matter here.</summary>
    private protected abstract IReadOnlyList<string> Watched { get; }

    /// <summary>Works until it is cancelled; to be called once.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Cluster.Committed += Note;
        try
        {
            foreach (var item in Watched.SelectMany(plural => Cluster.List(plural)))
                Note(new ObjectChange(null, item, item.Version));
            while (true)
            {
                await _queue.WaitAsync(cancellationToken);
                await Task.Delay(Lag, Clock, cancellationToken);
                while (_queue.TryTake(out var key))
                    Look(key);
            }
        }
        finally
        {
            Cluster.Committed -= Note;
            _queue.Dispose();
        }
    }

    /// <summary>The objects to look at after a change; a key without a name stands for a whole namespace. Called while the cluster is locked.</summary>
    private protected abstract IEnumerable<ObjectKey> Concerned(ObjectChange change);

    /// <summary>Brings an object to where it should be.</summary>
    /// <exception cref="ApiFailure">The cluster refused a write; the object is looked at again later.</exception>
    private protected abstract void Reconcile(ObjectKey key);

    /// <summary>Has an object looked at once more, now or later.</summary>
    private protected void LookAgain(ObjectKey key, TimeSpan delay = default)
    {
        if (delay > TimeSpan.Zero)
            _queue.AddAfter(key, delay);
        else
            _queue.Add(key);
    }

    private void Note(ObjectChange change)
    {
        if (!Watched.Contains(change.Object.Plural))
            return;
        foreach (var key in Concerned(change))
            _queue.Add(key);
    }

    private void Look(ObjectKey key)
    {
        try
        {
            Reconcile(key);
            _queue.Forget(key);
        }
        catch (ApiFailure)
        {
            _queue.AddAfterFailure(key);
        }
    }
}
