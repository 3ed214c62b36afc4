using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// The pods of a Job. Those that ended are counted once, and still count when they are gone: a cluster holds them by the finalizer
/// <c>batch.kubernetes.io/job-tracking</c> until they are counted, this one remembers them.
/// </summary>
/// <param name="uid">The uid of the Job.</param>
internal sealed class JobTally(string uid)
{
    // k8s.io/kubernetes/pkg/controller/job/job_controller.go: DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff.
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(10);

    private readonly HashSet<string> _counted = [];
    private List<StoredObject> _active = [];
    private int _failuresInARow;
    private DateTimeOffset _lastFailure;

    /// <summary>The uid of the Job.</summary>
    public string Uid => uid;

    /// <summary>The pods that may still succeed, the newest last.</summary>
    public IReadOnlyList<StoredObject> Active => _active;

    /// <summary>How many pods were asked to go and are still there.</summary>
    public int Terminating { get; private set; }

    /// <summary>How many pods have succeeded.</summary>
    public int Succeeded { get; private set; }

    /// <summary>How many pods have failed; those that were deleted before they ended count too.</summary>
    public int Failed { get; private set; }

    /// <summary>How often the containers of pods that go on were started anew.</summary>
    public int Restarts => _active.Sum(pod => pod.Restarts());

    /// <summary>When the next pod may be made: later after each failure.</summary>
    public DateTimeOffset NextPod => _failuresInARow == 0
        ? _lastFailure
        : _lastFailure + TimeSpan.FromTicks(Math.Min(FirstBackOff.Ticks << Math.Min(_failuresInARow - 1, 20), LongestBackOff.Ticks));

    /// <summary>Takes note of all pods that there are now.</summary>
    public void Take(IReadOnlyList<StoredObject> pods, DateTimeOffset now)
    {
        _active = [.. pods.Where(PodReading.IsActive).OrderBy(pod => pod.CreatedAt())];
        Terminating = pods.Count(pod => pod.IsDeleting() && !pod.HasEnded());
        foreach (var pod in pods.Where(pod => !pod.IsActive() && _counted.Add(pod.Uid)))
        {
            if (pod.Json.Text("status", "phase") == "Succeeded")
                (Succeeded, _failuresInARow) = (Succeeded + 1, 0);
            else
                (Failed, _failuresInARow, _lastFailure) = (Failed + 1, _failuresInARow + 1, now);
        }
    }

    /// <summary>Takes note of a pod that was made.</summary>
    public void Add(StoredObject pod) => _active.Add(pod);

    /// <summary>Takes note of a pod that is to go.</summary>
    /// <param name="pod">The pod, which is active.</param>
    /// <param name="fails">Whether it counts as failed; it does not where it is only one too many.</param>
    public void Remove(StoredObject pod, bool fails)
    {
        _active.Remove(pod);
        Terminating++;
        _counted.Add(pod.Uid);
        Failed += fails ? 1 : 0;
    }
}
