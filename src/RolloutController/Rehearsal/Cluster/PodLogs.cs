using System.Collections.Concurrent;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>What pods have written, as their nodes keep it. Safe for use by several threads.</summary>
public sealed class PodLogs
{
    private readonly ConcurrentDictionary<string, string> _logs = new();

    /// <summary>What a pod has written; empty where it has written nothing.</summary>
    public string Of(StoredObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return _logs.GetValueOrDefault(pod.Uid, "");
    }

    /// <summary>Keeps what a pod has written.</summary>
    public void Keep(StoredObject pod, string log)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (log.Length > 0)
            _logs[pod.Uid] = log;
    }

    /// <summary>Forgets a pod.</summary>
    public void Forget(StoredObject pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        _logs.TryRemove(pod.Uid, out _);
    }
}
