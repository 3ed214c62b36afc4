using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Makes pods for each Job until enough have succeeded, as <c>k8s.io/kubernetes/pkg/controller/job</c> does, and takes finished Jobs away
/// as <c>pkg/controller/ttlafterfinished</c>.
/// </summary>
/// <param name="cluster">The cluster.</param>
public sealed class JobController(EmbeddedCluster cluster) : SimulatedController(cluster)
{
    private const string Plural = "jobs";
    private const string Kind = "Job";

    private readonly Dictionary<ObjectKey, JobTally> _tallies = [];

    private protected override IReadOnlyList<string> Watched => [Plural, "pods"];

    private protected override IEnumerable<ObjectKey> Concerned(ObjectChange change) =>
        change.Object.Plural == Plural ? [change.Object.Key()] : Adoption.Concerned(change, Kind);

    private protected override void Reconcile(ObjectKey key)
    {
        if (key.Name.Length == 0)
        {
            foreach (var one in Cluster.List(Plural, key.Namespace))
                LookAgain(one.Key());
            return;
        }

        if (Cluster.Find(Plural, key.Namespace, key.Name) is not { } job || job.IsDeleting())
            _tallies.Remove(key);
        else if (JobEnd.TimeOf(job) is { } ended)
            Expire(job, ended);
        else if (WorkloadSelector.OfWorkload(job.Json.At("spec", "selector")) is { } selector)
            Advance(job, selector);
    }

    /// <summary>Takes a Job away, with its pods, that has been finished for long enough.</summary>
    private void Expire(StoredObject job, DateTimeOffset ended)
    {
        if (job.Json.Number("spec", "ttlSecondsAfterFinished") is not { } seconds)
            return;
        var left = ended + TimeSpan.FromSeconds(seconds) - Clock.GetUtcNow();
        if (left > TimeSpan.Zero)
            LookAgain(job.Key(), left);
        else
            Cluster.Delete(Cluster.Resources.Stored(Plural), job.Namespace, job.Name, new DeleteOptions { Uid = job.Uid, Propagation = "Foreground" });
    }

    private void Advance(StoredObject job, WorkloadSelector selector)
    {
        var now = Clock.GetUtcNow();
        var adoption = new Adoption(Cluster, job, Kind);
        var tally = TallyOf(job);
        tally.Take(adoption.Claim("pods", selector), now);
        var status = new JobStatusReport(job, tally, now);
        var end = JobEnd.Of(job, tally, status.Deadline, now);
        if (end is null && status.Deadline is { } deadline)
            LookAgain(job.Key(), deadline - now);

        Scale(job, adoption, tally, end is null ? Wanted(job, tally) : 0, isOver: end is not null);
        Cluster.Change(Plural, job.Namespace, job.Name, json => status.Write(json, end), "status");
    }

    private JobTally TallyOf(StoredObject job)
    {
        if (!_tallies.TryGetValue(job.Key(), out var tally) || tally.Uid != job.Uid)
            _tallies[job.Key()] = tally = new JobTally(job.Uid);
        return tally;
    }

    /// <summary>How many pods are to run.</summary>
    private static int Wanted(StoredObject job, JobTally tally)
    {
        var parallelism = job.Json.Integer("spec", "parallelism");
        if (job.Json.Flag("spec", "suspend"))
            return 0;
        // A Job that names no count starts no more pods once one has succeeded.
        return job.Json.Number("spec", "completions") is { } completions
            ? Math.Min((int)completions - tally.Succeeded, parallelism)
            : tally.Succeeded > 0 ? Math.Min(tally.Active.Count, parallelism) : parallelism;
    }

    /// <summary>Brings the pods to the count that is wanted; after failures, new ones have to wait.</summary>
    private void Scale(StoredObject job, Adoption adoption, JobTally tally, int wanted, bool isOver)
    {
        foreach (var pod in tally.Active.Skip(wanted).ToList())
        {
            Cluster.Delete("pods", pod.Namespace, pod.Name);
            tally.Remove(pod, fails: isOver);
        }

        var wait = tally.NextPod - Clock.GetUtcNow();
        if (wait > TimeSpan.Zero && tally.Active.Count < wanted)
        {
            LookAgain(job.Key(), wait);
            return;
        }

        while (tally.Active.Count < wanted)
            tally.Add(Cluster.Create("pods", adoption.NewPod()));
    }
}
