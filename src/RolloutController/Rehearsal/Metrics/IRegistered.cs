namespace RolloutController.Rehearsal.Metrics;

/// <summary>Selectors that a Rollout brings, to be found again in the queries that were made from them.</summary>
internal interface IRegistered
{
    /// <summary>The series of targets that a query asks for; null where it was not made from these.</summary>
    IEnumerable<(ScrapedTarget Target, KnownSeries Series)>? Find(string metric, IReadOnlyList<SeriesMatcher> query, IEnumerable<ScrapedTarget> targets);
}
