namespace RolloutController.Rehearsal.Requests;

/// <summary>What became of requests.</summary>
/// <param name="Total">All that were sent.</param>
/// <param name="Failed">Those that a pod failed, or answered too late.</param>
/// <param name="Lost">Those that met no pod (503), and are no part of <paramref name="Failed"/>.</param>
public sealed record RequestCounts(long Total, long Failed, long Lost)
{
    /// <summary>The share of requests that brought their user no answer, 0 to 1.</summary>
    public double ErrorRate => Total == 0 ? 0 : (double)(Failed + Lost) / Total;
}
