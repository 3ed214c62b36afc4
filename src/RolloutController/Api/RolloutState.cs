using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>
/// Where a Rollout is: the controller's own record, explicit, so that nothing has to be read from the absence of a field.
/// A decision stands here before the effects that rest on it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "name")]
[JsonDerivedType(typeof(Initial), nameof(Initial))]
[JsonDerivedType(typeof(Deploying), nameof(Deploying))]
[JsonDerivedType(typeof(AtRest), nameof(AtRest))]
[JsonDerivedType(typeof(Progressing), nameof(Progressing))]
[JsonDerivedType(typeof(Promoting), nameof(Promoting))]
[JsonDerivedType(typeof(RollingBack), nameof(RollingBack))]
public abstract record RolloutState;

/// <summary>Nothing has been deployed or adopted yet.</summary>
public sealed record Initial : RolloutState;

/// <summary>The first revision goes straight to all the traffic: there is nothing to compare it with or to go back to.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="Since">When its deployment began.</param>
public sealed record Deploying(string Revision, DateTimeOffset Since) : RolloutState;

/// <summary>One revision has all the traffic, and nothing of the user's is changed.</summary>
/// <param name="Revision">The revision.</param>
public sealed record AtRest(string Revision) : RolloutState;

/// <summary>Two revisions share the traffic, or are about to.</summary>
/// <param name="Stable">The revision that had all the traffic before.</param>
/// <param name="Canary">The revision that is being tried.</param>
/// <param name="Traffic">How traffic was split when the rollout began; it holds until the end. Null: by pod counts.</param>
public abstract record InFlight(string Stable, string Canary, TrafficSpec? Traffic) : RolloutState
{
    /// <summary>Whether routes make the split.</summary>
    [JsonIgnore]
    public bool IsRouted => Traffic is { Routes.Count: > 0 };

    /// <summary>What people left out of the canary's trial; null where nothing.</summary>
    public Waiver? Waiver { get; init; }
}

/// <summary>What people left out of a version's trial, for the record.</summary>
/// <param name="What">What was not judged, such as <c>the gates, 5 %</c>; at most 256 characters.</param>
/// <param name="By">The operations that asked for it; at most 512 characters.</param>
public sealed record Waiver(string What, string By)
{
    /// <inheritdoc/>
    public override string ToString() => $"not judged: {What}, by {By}";
}

/// <summary>The canary goes up step by step.</summary>
/// <param name="Stable">The revision that had all the traffic before.</param>
/// <param name="Canary">The revision that is being tried.</param>
/// <param name="Traffic">How traffic is split.</param>
/// <param name="Weight">The weight of the step, in percent.</param>
/// <param name="Stage">Whether the weight is being set, judged or, after the last step, monitored.</param>
/// <param name="Since">When the stage began, or is to begin: judging starts when the weight has reached every proxy.</param>
/// <param name="Approved">Whether a person let this step go on.</param>
/// <param name="Frozen">Whether progress stood still at the last look because of <c>spec.paused</c>.</param>
/// <param name="Drift">How often something else changed the weight at this step.</param>
public sealed record Progressing(
    string Stable, string Canary, TrafficSpec? Traffic, int Weight, StepStage Stage, DateTimeOffset Since,
    bool Approved = false, bool Frozen = false, RouteDrift? Drift = null) : InFlight(Stable, Canary, Traffic)
{
    /// <summary>What is gone on from without a pass; null where nothing is.</summary>
    public SkipScope? Skip { get; init; }

    /// <summary>Whether gates are asked, before the version gets its first request.</summary>
    [JsonIgnore]
    public bool IsAtGates => Stage is StepStage.Gating or StepStage.Previewing;

    /// <summary>Whether the weight is carried and the version judged, at a step or after the last one.</summary>
    [JsonIgnore]
    public bool IsJudged => Stage is StepStage.Judging or StepStage.Monitoring;
}

/// <summary>The stages of a step.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepStage>))]
public enum StepStage
{
    /// <summary>Gates are asked that need no pod of the version; nothing is changed.</summary>
    Gating,

    /// <summary>Its first pods come up without traffic, and gates ask them.</summary>
    Previewing,

    /// <summary>Pods, endpoints, weight, acceptance: on the way to the weight.</summary>
    Raising,

    /// <summary>The weight is carried; the version is judged.</summary>
    Judging,

    /// <summary>The last step is passed; the version is judged further, with the one before it at hand.</summary>
    Monitoring,
}

/// <summary>How much of a rollout a person skips.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SkipScope>))]
public enum SkipScope
{
    /// <summary>The step that runs. A breach takes the version back nevertheless.</summary>
    Step,

    /// <summary>Everything that is left. Only the pods are looked at.</summary>
    Rest,
}

/// <summary>Something else wrote the weights midway.</summary>
/// <param name="Count">How often at this step.</param>
/// <param name="At">When it was last put right.</param>
public sealed record RouteDrift(int Count, DateTimeOffset At);

/// <summary>One of the two revisions has won, and everything goes back to its form at rest around it.</summary>
/// <param name="Stable">The revision that had all the traffic before.</param>
/// <param name="Canary">The revision that was tried.</param>
/// <param name="Traffic">How traffic is split.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Since">When the stage began, or is to begin.</param>
public abstract record Concluding(string Stable, string Canary, TrafficSpec? Traffic, ConclusionStage Stage, DateTimeOffset Since)
    : InFlight(Stable, Canary, Traffic)
{
    /// <summary>The revision that keeps the traffic.</summary>
    [JsonIgnore]
    public abstract string Survivor { get; }

    /// <summary>The revision that goes.</summary>
    [JsonIgnore]
    public abstract string Loser { get; }
}

/// <summary>The stages in which a rollout ends.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConclusionStage>))]
public enum ConclusionStage
{
    /// <summary>The user's Service is pinned to the survivor and shows its endpoints.</summary>
    Pinning,

    /// <summary>The route gets back its form at rest.</summary>
    Shifting,

    /// <summary>Traffic is where it belongs; pods that lost it drain and go, and the traces are removed.</summary>
    Settling,
}

/// <summary>The canary passed every step and becomes stable.</summary>
public sealed record Promoting(string Stable, string Canary, TrafficSpec? Traffic, ConclusionStage Stage, DateTimeOffset Since)
    : Concluding(Stable, Canary, Traffic, Stage, Since)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Survivor => Canary;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Loser => Stable;
}

/// <summary>All traffic goes back to stable.</summary>
/// <param name="Stable">The revision that had all the traffic before.</param>
/// <param name="Canary">The revision that was tried.</param>
/// <param name="Traffic">How traffic is split.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Since">When the stage began.</param>
/// <param name="Cause">Why.</param>
public sealed record RollingBack(string Stable, string Canary, TrafficSpec? Traffic, ConclusionStage Stage, DateTimeOffset Since, RollbackCause Cause)
    : Concluding(Stable, Canary, Traffic, Stage, Since)
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override string Survivor => Stable;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string Loser => Canary;
}

/// <summary>Why traffic goes back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RollbackCause>))]
public enum RollbackCause
{
    /// <summary>A check failed; the revision is not tried again by itself.</summary>
    Failed,

    /// <summary>A person asked for it; the revision is not tried again by itself.</summary>
    Aborted,

    /// <summary>A person asked for the revision before instead, whatever the template asks for.</summary>
    Undone,

    /// <summary>A newer template arrived.</summary>
    Superseded,

    /// <summary>The template is the stable one again.</summary>
    Reverted,

    /// <summary>The Rollout was scaled to zero, and there is nothing to try.</summary>
    ScaledToZero,

    /// <summary>The record of the rollout was lost, as in a restored backup; it starts anew.</summary>
    RecordLost,
}
