using RolloutController.Api;
using RolloutController.Control.Intents;

namespace RolloutController.Hosting.Page;

/// <summary>Everything that the page shows of one Rollout. It holds names, counts and messages, and nothing of what pods are configured with.</summary>
internal sealed record RolloutDetail
{
    /// <summary>The line of the list.</summary>
    public required RolloutSummary Summary { get; init; }

    /// <summary>When the step has been held as long as was asked for; null where no step is being judged.</summary>
    public DateTimeOffset? HoldsUntil { get; init; }

    /// <summary>Whether a person let this step go on.</summary>
    public bool IsApproved { get; init; }

    /// <summary>The rule for error rates; null where the pods alone are judged.</summary>
    public ErrorRateRuleView? Rule { get; init; }

    /// <summary>What has been counted at the step that is being judged; null where none is.</summary>
    public EvidenceView? Evidence { get; init; }

    /// <summary>Whether gates are asked, before the version gets its first request.</summary>
    public bool IsAtGates { get; init; }

    /// <summary>What else is looked at now: gates before any traffic, and checks after that.</summary>
    public IReadOnlyList<CheckView> Checks { get; init; } = [];

    /// <summary>What carries the traffic; null where pod counts make the split.</summary>
    public TrafficNames? Traffic { get; init; }

    /// <summary>The revisions that have pods, or ought to, the newest first.</summary>
    public IReadOnlyList<RevisionView> Revisions { get; init; } = [];

    /// <summary>The conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>The last rollback; null where there was none.</summary>
    public Rollback? LastRollback { get; init; }

    /// <summary>The last operation that was carried out or refused.</summary>
    public OperationResult? Operation { get; init; }

    /// <summary>What can be done now.</summary>
    public IReadOnlyList<Intent> Operations { get; init; } = [];

    /// <summary>What happened since this process has been watching, the newest first.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>Weight and error rate of the present rollout, or the last one, the oldest first.</summary>
    public IReadOnlyList<SeriesPoint> Series { get; init; } = [];
}

/// <summary>The rule for error rates.</summary>
/// <param name="Max">The highest error rate that is let through, as it is written.</param>
/// <param name="Threshold">The same as a fraction; null where it is no rate.</param>
/// <param name="IntervalSeconds">The time between two looks.</param>
internal sealed record ErrorRateRuleView(string Max, double? Threshold, double IntervalSeconds);

/// <summary>What has been counted at a step.</summary>
/// <param name="Requests">Requests to the new version.</param>
/// <param name="Errors">How many of them failed.</param>
/// <param name="Needed">How many requests the step has to see.</param>
/// <param name="Class">What the last look brought.</param>
/// <param name="Message">What the last look said; empty where all is well.</param>
/// <param name="Since">When counting began.</param>
/// <param name="SampledAt">When data was last read; null before the first look.</param>
/// <param name="NextLook">When data is read next; null where nobody knows.</param>
internal sealed record EvidenceView(
    long Requests, long Errors, long? Needed, string Class, string Message, DateTimeOffset Since, DateTimeOffset? SampledAt, DateTimeOffset? NextLook);

/// <summary>What a check found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">What that means for the version.</param>
/// <param name="Message">What the last look said.</param>
internal sealed record CheckView(string Name, CheckState State, string Message);

/// <summary>What a check means for a version.</summary>
internal enum CheckState
{
    /// <summary>It is as it should be.</summary>
    Fine,

    /// <summary>Nothing is known yet, or any more, or it is at its warning level: the version waits.</summary>
    Waits,

    /// <summary>It is critical: the version goes, if it lasts.</summary>
    Critical,
}

/// <summary>What carries the traffic.</summary>
/// <param name="Service">The Service that clients and routes name.</param>
/// <param name="Routes">The routes, by kind and name.</param>
internal sealed record TrafficNames(string Service, IReadOnlyList<string> Routes);

/// <summary>A revision with its pods.</summary>
internal sealed record RevisionView
{
    /// <summary>Its pod-template-hash.</summary>
    public required string Revision { get; init; }

    /// <summary>Its place in the history.</summary>
    public long Number { get; init; }

    /// <summary>What it is now.</summary>
    public RevisionRole Role { get; init; }

    /// <summary>The images of its containers.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>When its ReplicaSet was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The pods that it is asked to have.</summary>
    public int Replicas { get; init; }

    /// <summary>The pods that are ready.</summary>
    public int Ready { get; init; }

    /// <summary>Its pods, those in trouble first.</summary>
    public IReadOnlyList<PodView> Pods { get; init; } = [];

    /// <summary>How many more pods it has, which are left out.</summary>
    public int MorePods { get; init; }
}

/// <summary>What a revision is.</summary>
internal enum RevisionRole
{
    /// <summary>It goes, or is kept for undo.</summary>
    Former,

    /// <summary>It serves.</summary>
    Stable,

    /// <summary>It is being tried.</summary>
    Canary,

    /// <summary>It failed, and is not tried again by itself.</summary>
    Failed,
}

/// <summary>A pod.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Pending, Running, Succeeded, Failed, Unknown, or Terminating.</param>
/// <param name="Ready">Whether it is ready.</param>
/// <param name="Restarts">How often its containers were started anew.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Trouble">What keeps it from being ready; empty where it is.</param>
internal sealed record PodView(string Name, string Phase, bool Ready, int Restarts, DateTimeOffset CreatedAt, string Trouble);
