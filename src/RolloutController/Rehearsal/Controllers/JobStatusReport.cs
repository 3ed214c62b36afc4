using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>What the status of a Job says of its pods.</summary>
internal sealed class JobStatusReport
{
    private readonly StoredObject _job;
    private readonly JobTally _tally;
    private readonly DateTimeOffset _now;
    private readonly bool _isSuspended;
    private readonly bool _wasSuspended;
    private readonly DateTimeOffset? _start;

    /// <param name="job">The Job that was acted on.</param>
    /// <param name="tally">Its pods.</param>
    /// <param name="now">The time.</param>
    public JobStatusReport(StoredObject job, JobTally tally, DateTimeOffset now)
    {
        (_job, _tally, _now) = (job, tally, now);
        _isSuspended = job.Json.Flag("spec", "suspend");
        _wasSuspended = job.Json.Condition("Suspended").Text("status") == "True";
        // The time of a Job that is resumed begins anew.
        _start = _isSuspended ? null : _wasSuspended ? now : job.Json.Time("status", "startTime") ?? now;
    }

    /// <summary>When the Job may run no longer; null for never.</summary>
    public DateTimeOffset? Deadline => _job.Json.Number("spec", "activeDeadlineSeconds") is { } seconds ? _start + TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Writes the status.</summary>
    /// <param name="json">The Job.</param>
    /// <param name="end">How it ends; null while it goes on.</param>
    public void Write(JsonObject json, JobEnd? end)
    {
        if (json.Text("metadata", "uid") != _job.Uid)
            return;
        var status = json.Within("status");
        if (_start is { } start)
            status["startTime"] = KubernetesTime.Format(start);
        else
            status.Remove("startTime");
        status.SetCount("active", _tally.Active.Count);
        status.SetCount("succeeded", _tally.Succeeded);
        status.SetCount("failed", _tally.Failed);
        status["ready"] = _tally.Active.Count(PodReading.IsReady);
        status["terminating"] = _tally.Terminating;
        if (_isSuspended)
            Set(status, "Suspended", "True", "JobSuspended", "Job suspended");
        else if (_wasSuspended)
            Set(status, "Suspended", "False", "JobResumed", "Job resumed");
        if (end is not null)
            Tell(status, end);
    }

    private void Tell(JsonObject status, JobEnd end)
    {
        Set(status, end.Decided, "True", end.Reason, end.Message);
        if (_tally.Active.Count > 0 || _tally.Terminating > 0)
            return;
        Set(status, end.Finished, "True", end.Reason, end.Message);
        if (end.Finished == "Complete")
            status["completionTime"] = KubernetesTime.Format(_now);
    }

    private void Set(JsonObject status, string type, string value, string reason, string message)
    {
        var condition = StatusConditions.Set(status, _now, type, value, reason, message);
        condition["lastProbeTime"] = condition["lastTransitionTime"]!.DeepClone();
    }
}
