using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>What the controller reports; its paths are fixed, because people script against them.</summary>
public sealed record RolloutStatus
{
    /// <summary>The generation of the spec that this status is about.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>For people to read; never decided upon.</summary>
    public Phase Phase { get; init; }

    /// <summary>Where the rollout is, what it waits for, how long, and what comes next.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>The step as people count: <c>2/4</c>.</summary>
    public string Step { get; init => field = value ?? ""; } = "";

    /// <summary>The revision that has the traffic at rest, by its pod-template-hash; empty before the first deployment.</summary>
    public string StableRevision { get; init => field = value ?? ""; } = "";

    /// <summary>The revision that is being tried; empty at rest.</summary>
    public string CanaryRevision { get; init => field = value ?? ""; } = "";

    /// <summary>When the rollout under way set out; null at rest and during the first deployment, whose state says it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How many steps lie behind.</summary>
    public int StepIndex { get; init; }

    /// <summary>Percent of the traffic that the newest revision was read back to carry.</summary>
    public int Weight { get; init; }

    /// <summary>The conditions.</summary>
    public IReadOnlyList<Condition> Conditions { get; init => field = value ?? []; } = [];

    /// <summary>The last rollback; null where there was none.</summary>
    public Rollback? LastRollback { get; init; }

    /// <summary>The revision that failed and is not tried again by itself; empty where there is none.</summary>
    public string FailedRevision { get; init => field = value ?? ""; } = "";

    /// <summary>What became of the last revisions, the newest first; 10 at the most.</summary>
    public IReadOnlyList<RevisionRecord> History { get; init => field = value ?? []; } = [];

    /// <summary>The undo that holds; null where what the template asks for is carried out.</summary>
    public UndoneTemplate? Undo { get; init; }

    /// <summary>The last operation that was carried out or refused.</summary>
    public OperationResult? Operation { get; init; }

    /// <summary>Pods of all revisions.</summary>
    public int Replicas { get; init; }

    /// <summary>Ready pods of all revisions.</summary>
    public int ReadyReplicas { get; init; }

    /// <summary>Available pods of all revisions.</summary>
    public int AvailableReplicas { get; init; }

    /// <summary>Pods of the canary.</summary>
    public int CanaryReplicas { get; init; }

    /// <summary>The label selector of all pods as text, for the scale subresource.</summary>
    public string Selector { get; init => field = value ?? ""; } = "";

    /// <summary>Who decided last; null before the first decision.</summary>
    public Term? Term { get; init; }

    /// <summary>The controller's own record.</summary>
    public RolloutState State { get; init => field = value ?? new Initial(); } = new Initial();

    /// <summary>What has been counted at the step that is being judged.</summary>
    public StoredEvidence? Evidence { get; init; }
}

/// <summary>A controller's time in office. A later one has a higher number, and the API takes no lower one.</summary>
/// <param name="Holder">The process, as it is named in the lease.</param>
/// <param name="Transitions">How often the lease had changed hands; one more than the last term's where that is higher.</param>
public sealed record Term(string Holder, long Transitions);

/// <summary>A word for people.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Phase>))]
public enum Phase
{
    /// <summary>Pods are coming up, traffic is being moved or a version judged.</summary>
    Progressing,

    /// <summary>One version has all the traffic, and it is the one asked for.</summary>
    Healthy,

    /// <summary>Waiting for a person, or to start until a window opens.</summary>
    Paused,

    /// <summary>Traffic goes back to stable.</summary>
    RollingBack,

    /// <summary>Stable has all the traffic; the version asked for failed.</summary>
    RolledBack,

    /// <summary>The Rollout cannot be carried out as it is written.</summary>
    Invalid,
}

/// <summary>A condition, by the conventions of the Kubernetes API.</summary>
public sealed record Condition
{
    /// <summary>The type, such as Ready.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>True, False or Unknown.</summary>
    public string Status { get; init => field = value ?? "Unknown"; } = "Unknown";

    /// <summary>The generation that it is about.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>When the status last changed.</summary>
    public DateTimeOffset LastTransitionTime { get; init; }

    /// <summary>A word for programs.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>A sentence for people.</summary>
    public string Message { get; init => field = value ?? ""; } = "";
}

/// <summary>Why a revision was rolled back.</summary>
public sealed record Rollback
{
    /// <summary>The revision that was taken back.</summary>
    public string Revision { get; init => field = value ?? ""; } = "";

    /// <summary>The check that failed: errorRate, pods, or operation.</summary>
    public string Check { get; init => field = value ?? ""; } = "";

    /// <summary>A word for programs, one of <see cref="RollbackReasons"/>.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    /// <summary>A sentence for people.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>When it was decided.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The value that was found; null where the check has none.</summary>
    public string? Value { get; init; }

    /// <summary>The threshold that it broke; null where the check has none.</summary>
    public string? Threshold { get; init; }

    /// <summary>How many requests were judged; null where the check counts none.</summary>
    public long? Requests { get; init; }

    /// <summary>How many of them failed; null where the check counts none.</summary>
    public long? Errors { get; init; }
}

/// <summary>What became of an operation.</summary>
public sealed record OperationResult
{
    /// <summary>The operation's id.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>What was asked for.</summary>
    public OperationVerb Verb { get; init; }

    /// <summary>The revision that it was meant for.</summary>
    public string Revision { get; init => field = value ?? ""; } = "";

    /// <summary>Done or Refused.</summary>
    public OperationOutcome Outcome { get; init; }

    /// <summary>A sentence for people.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset Time { get; init; }
}

/// <summary>Whether an operation was carried out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationOutcome>))]
public enum OperationOutcome
{
    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>It could not be.</summary>
    Refused,
}

/// <summary>Evidence as it survives a restart.</summary>
public sealed record StoredEvidence
{
    /// <summary>The check that counts; null for the error rate of the analysis.</summary>
    public string? Name { get; init; }

    /// <summary>Requests to the canary since <see cref="Since"/>.</summary>
    public long Requests { get; init; }

    /// <summary>How many of them failed.</summary>
    public long Errors { get; init; }

    /// <summary>Requests to the stable version in the same time.</summary>
    public long StableRequests { get; init; }

    /// <summary>How many of them failed.</summary>
    public long StableErrors { get; init; }

    /// <summary>Requests to the canary since it got traffic, over all steps.</summary>
    public long AllRequests { get; init; }

    /// <summary>How many of them failed.</summary>
    public long AllErrors { get; init; }

    /// <summary>What speaks against the canary beside the stable version: logarithms of likelihood ratios, one for each alternative. In millionths, as the API takes no fractions.</summary>
    public IReadOnlyList<long> LogRatioMillionths { get; init => field = value ?? []; } = [];

    /// <summary>How much the stable version's errors came in bursts before the rollout, in thousandths; null where nobody knows.</summary>
    public long? DispersionThousandths { get; init; }

    /// <summary>The class of the last look at the data.</summary>
    public string Class { get; init => field = value ?? ""; } = "";

    /// <summary>What the last look said.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>When counting began.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When data was last read; null before the first look.</summary>
    public DateTimeOffset? SampledAt { get; init; }

    /// <summary>How often a further bet on the rate begins, in seconds; null for never.</summary>
    public long? AccountSeconds { get; init; }

    /// <summary>Where these began; null where there are none.</summary>
    public IReadOnlyList<StoredAccount>? Accounts { get; init; }

    /// <summary>Since when nothing has been known; null while something is.</summary>
    public DateTimeOffset? UnknownSince { get; init; }

    /// <summary>What the further checks found, by their names; null where there are none.</summary>
    public IReadOnlyList<CheckFinding>? Checks { get; init; }

    /// <summary>What the further checks that count requests have counted, by their names; null where there are none.</summary>
    public IReadOnlyList<StoredEvidence>? Counts { get; init; }

    /// <inheritdoc/>
    public bool Equals(StoredEvidence? other) =>
        other is not null
        && (Requests, Errors, StableRequests, StableErrors, AllRequests, AllErrors) == (other.Requests, other.Errors, other.StableRequests, other.StableErrors, other.AllRequests, other.AllErrors)
        && LogRatioMillionths.SequenceEqual(other.LogRatioMillionths)
        && AccountSeconds == other.AccountSeconds && (Accounts ?? []).SequenceEqual(other.Accounts ?? [])
        && (Checks ?? []).SequenceEqual(other.Checks ?? [])
        && (Counts ?? []).SequenceEqual(other.Counts ?? [])
        && (Name, DispersionThousandths, Class, Message, Since, SampledAt, UnknownSince)
            == (other.Name, other.DispersionThousandths, other.Class, other.Message, other.Since, other.SampledAt, other.UnknownSince);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Requests, Errors, Since, SampledAt);
}

/// <summary>Where a bet on the rate began: counts up to then.</summary>
public sealed record StoredAccount
{
    /// <summary>Requests.</summary>
    public long Requests { get; init; }

    /// <summary>How many of them failed.</summary>
    public long Errors { get; init; }
}

/// <summary>What a check found so far.</summary>
public sealed record CheckFinding
{
    /// <summary>The check's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>How bad the last look that knew something was.</summary>
    public CheckLevel Level { get; init; }

    /// <summary>How many looks in a row were as bad.</summary>
    public int Looks { get; init; }

    /// <summary>When the first of these was.</summary>
    public DateTimeOffset? LevelSince { get; init; }

    /// <summary>How many looks of this step knew something.</summary>
    public int Samples { get; init; }

    /// <summary>What was measured last; null where nothing was.</summary>
    public string? Value { get; init; }

    /// <summary>What it must not be, where that is a value; null else.</summary>
    public string? Threshold { get; init; }

    /// <summary>The class of the last look.</summary>
    public string Class { get; init => field = value ?? ""; } = "";

    /// <summary>When the last look was that knew something; null where none did.</summary>
    public DateTimeOffset? KnownAt { get; init; }

    /// <summary>Since when nothing has been known; null while something is.</summary>
    public DateTimeOffset? UnknownSince { get; init; }

    /// <summary>What the last look said.</summary>
    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>When the last look was; null before the first.</summary>
    public DateTimeOffset? SampledAt { get; init; }
}

/// <summary>How bad something is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckLevel>))]
public enum CheckLevel
{
    /// <summary>It is as it should be.</summary>
    Normal,

    /// <summary>Somebody should look at it; the weight stays.</summary>
    Warning,

    /// <summary>The version has to go, if it lasts.</summary>
    Critical,
}
