using System.Net;
using RolloutController.Tests.Cluster;

namespace RolloutController.Benchmarks.Faults;

/// <summary>The requests of a load that were not answered 200, by their cause.</summary>
/// <param name="Requests">All requests.</param>
/// <param name="NoEndpoint">Answered 503 by the gateway: the share of a backend without ready endpoints.</param>
/// <param name="NotReached">Answered 502 or 504 by the gateway: it knew an endpoint whose pod did not answer.</param>
/// <param name="Unanswered">Not answered at all within 10 s, or the connection broke.</param>
/// <param name="ByVersion">Answered 5xx by a pod: what the bad version fails of its share.</param>
/// <param name="OfCanary">What the new version answered.</param>
/// <param name="Reasons">Why there was no answer, each reason once; empty where all were answered.</param>
internal sealed record FailedRequests(int Requests, int NoEndpoint, int NotReached, int Unanswered, int ByVersion, int OfCanary, string Reasons)
{
    /// <summary>Requests that no pod answered: what users lose to the rollout itself, not to the version.</summary>
    public int Lost => NoEndpoint + NotReached + Unanswered;

    /// <summary>What must not be, whatever goes wrong in the cluster.</summary>
    /// <param name="version">What was rolled out meanwhile.</param>
    /// <param name="isGapless">Whether the gateway could learn of every change of the pods.</param>
    public IEnumerable<string> Problems(FaultVersion version, bool isGapless)
    {
        if (NoEndpoint > 0)
            yield return $"{NoEndpoint} requests were sent to a backend without ready endpoints";
        if (NotReached > 0 && isGapless)
            yield return $"{NotReached} requests were sent to a pod that did not answer";
        if (ByVersion > OfCanary * version.FailPercent / 100)
            yield return $"{ByVersion} requests were answered 5xx, of {OfCanary} that the version answered, which fails {version.FailPercent} % of them";
    }

    public static FailedRequests Of(LoadReport report, string canary)
    {
        var failed = report.Answers.Where(answer => answer.Failed).ToList();
        var noPod = failed.Where(answer => answer.Version.Length == 0).ToList();
        var noEndpoint = noPod.Count(answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        var unanswered = noPod.Count(answer => answer.Status is null);
        return new FailedRequests(
            report.Total, noEndpoint, noPod.Count - noEndpoint - unanswered, unanswered, failed.Count - noPod.Count, report.Answers.Count(answer => answer.Version == canary),
            string.Join("; ", noPod.Select(answer => answer.Problem).OfType<string>().Distinct()));
    }
}
