using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Requests;

/// <summary>Says how a pod serves at a moment. The same moment has the same answer: chance is in the counts that are drawn.</summary>
public delegate ServingQuality Serving(ServingMoment moment);

/// <summary>How a pod serves.</summary>
/// <param name="ErrorRate">The share of requests that it fails, 0 to 1.</param>
/// <param name="Latency">How long they take.</param>
public sealed record ServingQuality(double ErrorRate, Latency Latency)
{
    /// <summary>No errors, and the usual latency.</summary>
    public static ServingQuality Good { get; } = new(0, Latency.Usual);
}

/// <summary>A moment in which a pod serves.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Revision">Its revision: the <c>pod-template-hash</c>, or nothing.</param>
/// <param name="Share">The share of all requests that its revision is sent, 0 to 1: the weight in effect, whatever a status says.</param>
/// <param name="RequestsPerSecond">What this pod is sent.</param>
/// <param name="Elapsed">How long requests have been sent.</param>
public sealed record ServingMoment(StoredObject Pod, string Revision, double Share, double RequestsPerSecond, TimeSpan Elapsed);
