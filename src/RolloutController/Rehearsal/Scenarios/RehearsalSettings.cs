namespace RolloutController.Rehearsal.Scenarios;

/// <summary>What a rehearsal assumes of the world.</summary>
public sealed record RehearsalSettings
{
    /// <summary>Pods in place of those that the Rollout asks for; null leaves them.</summary>
    public int? Replicas { get; init; }

    /// <summary>Requests a second, above 0.</summary>
    public double RequestsPerSecond { get; init; } = 100;

    /// <summary>How often Prometheus scrapes.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What chance is drawn from: the same seed gives the same rehearsal.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>When the new version is shipped, on the rehearsal's own clock: times of day in messages are those of the timeline.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
