namespace RolloutController.Analysis;

/// <summary>When what was last seen is too old to speak of now, because looks no longer come through.</summary>
internal static class Staleness
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(30);

    /// <summary>How old the last look may be: three that were missed, and some time for the one that is under way.</summary>
    /// <param name="interval">The time between two looks.</param>
    public static TimeSpan Limit(TimeSpan interval) => (3 * interval) + Slack;
}
