using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>What the status of a ReplicaSet says of its pods.</summary>
internal sealed class ReplicaSetStatusReport
{
    private readonly StoredObject _set;
    private readonly DateTimeOffset _now;
    private readonly int _replicas;
    private readonly int _fullyLabeled;
    private readonly int _ready;
    private readonly int _available;

    /// <param name="set">The ReplicaSet that was acted on.</param>
    /// <param name="pods">Its active pods.</param>
    /// <param name="now">The time.</param>
    public ReplicaSetStatusReport(StoredObject set, IReadOnlyList<StoredObject> pods, DateTimeOffset now)
    {
        (_set, _now, _replicas) = (set, now, pods.Count);
        var labels = set.Json.At("spec", "template", "metadata", "labels") as JsonObject ?? [];
        _fullyLabeled = pods.Count(pod => labels.All(label => pod.Label(label.Key) == label.Value?.GetValue<string>()));
        var available = pods.Select(pod => pod.AvailableFrom(set.Json.Integer("spec", "minReadySeconds"))).OfType<DateTimeOffset>().ToList();
        _ready = available.Count;
        _available = available.Count(from => from <= now);
        NextAvailable = available.Where(from => from > now).Select(from => (DateTimeOffset?)from).Min();
    }

    /// <summary>When the next pod that is ready becomes available; null where all are, or none is.</summary>
    public DateTimeOffset? NextAvailable { get; }

    /// <summary>Writes the status.</summary>
    /// <param name="json">The ReplicaSet.</param>
    /// <param name="refused">Why pods could not be made or deleted; null where they could.</param>
    public void Write(JsonObject json, ApiFailure? refused)
    {
        if (json.Text("metadata", "uid") != _set.Uid)
            return;
        var status = json.Within("status");
        status["replicas"] = _replicas;
        status.SetCount("fullyLabeledReplicas", _fullyLabeled);
        status.SetCount("readyReplicas", _ready);
        status.SetCount("availableReplicas", _available);
        status.SetCount("observedGeneration", _set.Generation());

        var tooMany = _replicas > _set.Json.Integer("spec", "replicas");
        if (refused is not null)
            StatusConditions.Set(status, _now, "ReplicaFailure", "True", tooMany ? "FailedDelete" : "FailedCreate", refused.Message);
        else
            StatusConditions.Remove(status, "ReplicaFailure");
    }
}
