using System.Text.Json;
using System.Text.Json.Serialization;

namespace RolloutController.Api;

/// <summary>What the user asks for. The fields are described in <c>crds/rollouts.yaml</c>; defaults here are the schema's.</summary>
public sealed record RolloutSpec
{
    /// <summary>How many pods serve at rest; null until it is written (1, or what the adopted Deployment had).</summary>
    public int? Replicas { get; init; }

    /// <summary>The label selector of the pods; null with <see cref="WorkloadRef"/>, whose selector holds then.</summary>
    public JsonElement? Selector { get; init; }

    /// <summary>The pod template, raw: a field that this code has never heard of arrives intact.</summary>
    public JsonElement? Template { get; init; }

    /// <summary>The Deployment to take the template and the running pods from.</summary>
    public WorkloadReference? WorkloadRef { get; init; }

    /// <summary>Seconds that a pod has to be ready for before it counts as available.</summary>
    public int MinReadySeconds { get; init; }

    /// <summary>How many ReplicaSets without pods are kept for undo.</summary>
    public int RevisionHistoryLimit { get; init; } = 10;

    /// <summary>How long pods may take to become ready.</summary>
    public TimeSpan ProgressDeadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Pods above <see cref="Replicas"/> where pod counts make the split; null means 25 %.</summary>
    public IntOrPercent? MaxSurge { get; init; }

    /// <summary>Pods below <see cref="Replicas"/> that may be missing while pods are replaced.</summary>
    public IntOrPercent MaxUnavailable { get; init; } = IntOrPercent.Count(0);

    /// <summary>Freezes progress; never a rollback.</summary>
    public bool Paused { get; init; }

    /// <summary>What makes a new version.</summary>
    public IReadOnlyList<VersionSource> RolloutOn { get; init => field = value ?? [VersionSource.Template]; } = [VersionSource.Template];

    /// <summary>What becomes of pods that were taken from a Deployment when the Rollout is deleted.</summary>
    public DeletionPolicy DeletionPolicy { get; init; } = DeletionPolicy.Restore;

    /// <summary>How long the pods of the version that lost the traffic stay up.</summary>
    public TimeSpan ScaleDownDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How traffic is split; null where pod counts make the split.</summary>
    public TrafficSpec? Traffic { get; init; }

    /// <summary>The steps, weights rising, the last one 100.</summary>
    public IReadOnlyList<StepSpec> Steps { get; init => field = value ?? StepSpec.Default; } = StepSpec.Default;

    /// <summary>When a rollout may start or advance; null at any time.</summary>
    public WindowsSpec? Windows { get; init; }

    /// <summary>What is judged beside the pods; null judges the pods alone.</summary>
    public AnalysisSpec? Analysis { get; init; }

    /// <summary>What has to be as it should before a new version gets its first request.</summary>
    public IReadOnlyList<CheckSpec> Gates { get; init => field = value ?? []; } = [];

    /// <summary>How a version is watched after the last step; null promotes it at once.</summary>
    public MonitorSpec? Monitor { get; init; }

    /// <summary>What a person asks for, carried out once.</summary>
    public OperationRequest? Operation { get; init; }

    /// <summary>The step with a weight; defaults where the steps were edited midway and it is not among them.</summary>
    public StepSpec StepAt(int weight) => Steps.FirstOrDefault(step => step.Weight == weight) ?? new StepSpec { Weight = weight };

    /// <summary>Whether no step with a weight comes before this one; a step without weight gives matched requests alone, which are few.</summary>
    public bool IsFirst(int weight) => weight <= Steps.First(step => step.Weight > 0).Weight;

    /// <summary>The least time for which a weight that is carried is watched.</summary>
    public TimeSpan HoldAt(Progressing step) => step.Stage == StepStage.Monitoring
        ? Monitor?.Duration ?? TimeSpan.Zero
        : StepAt(step.Weight).Hold;

    /// <summary>The highest error rate that is let through in a stage, as a percent string; null where none is judged.</summary>
    public string? MaxErrorRateIn(StepStage stage) => Analysis?.ErrorRate is { } rate
        ? stage == StepStage.Monitoring && Monitor?.ErrorRate is { } own ? own.Max : rate.Max
        : null;
}

/// <summary>Names the workload that a Rollout takes over.</summary>
public sealed record WorkloadReference
{
    /// <summary>The kind; Deployment.</summary>
    public string Kind { get; init => field = value ?? "Deployment"; } = "Deployment";

    /// <summary>The name, in the Rollout's namespace.</summary>
    public string Name { get; init => field = value ?? ""; } = "";
}

/// <summary>What makes a new version.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VersionSource>))]
public enum VersionSource
{
    /// <summary>The pod template.</summary>
    [JsonStringEnumMemberName("template")]
    Template,

    /// <summary>The content of the ConfigMaps and Secrets that the template names.</summary>
    [JsonStringEnumMemberName("config")]
    Config,
}

/// <summary>What becomes of adopted pods when the Rollout is deleted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeletionPolicy>))]
public enum DeletionPolicy
{
    /// <summary>The Deployment gets them back, running.</summary>
    Restore,

    /// <summary>They go with the Rollout.</summary>
    Delete,
}

/// <summary>How traffic reaches the pods.</summary>
public sealed record TrafficSpec
{
    /// <summary>The Service that clients and routes name.</summary>
    public string Service { get; init => field = value ?? ""; } = "";

    /// <summary>The routes whose entries for the Service are weighted; empty where pod counts make the split.</summary>
    public IReadOnlyList<RouteReference> Routes { get; init => field = value ?? []; } = [];

    /// <summary>How long a change to a route takes to reach every proxy after the gateway accepted it.</summary>
    public TimeSpan Propagation { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The requests that meet the new version from the first step on, whatever weight it has; null for none.</summary>
    public MatchSpec? Match { get; init; }

    /// <summary>The controller's own Service, which selects the canary while a rollout runs.</summary>
    [JsonIgnore]
    public string CanaryService => $"{Service}-canary";

    /// <inheritdoc/>
    public bool Equals(TrafficSpec? other) =>
        other is not null && Service == other.Service && Propagation == other.Propagation && Match == other.Match && Routes.SequenceEqual(other.Routes);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Service, Propagation, Routes.Count);
}

/// <summary>Requests that a route can tell from others.</summary>
public sealed record MatchSpec
{
    /// <summary>The headers that a request has to have, all of them.</summary>
    public IReadOnlyList<HeaderMatch> Headers { get; init => field = value ?? []; } = [];

    /// <inheritdoc/>
    public bool Equals(MatchSpec? other) => other is not null && Headers.SequenceEqual(other.Headers);

    /// <inheritdoc/>
    public override int GetHashCode() => Headers.Count;
}

/// <summary>A header that a request has to have.</summary>
public sealed record HeaderMatch
{
    /// <summary>The header's name, in any case.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What it has to say, exactly.</summary>
    public string Value { get; init => field = value ?? ""; } = "";
}

/// <summary>Names a route in the Rollout's namespace.</summary>
public sealed record RouteReference
{
    /// <summary>HTTPRoute or GRPCRoute.</summary>
    public string Kind { get; init => field = value ?? "HTTPRoute"; } = "HTTPRoute";

    /// <summary>The route's name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>One step of a rollout.</summary>
public sealed record StepSpec
{
    /// <summary>5, 25, 50, 100 percent, 60 seconds each.</summary>
    public static readonly IReadOnlyList<StepSpec> Default = [new() { Weight = 5 }, new() { Weight = 25 }, new() { Weight = 50 }, new() { Weight = 100 }];

    /// <summary>Percent of the traffic that the new version gets, 1 to 100; 0 where it gets the requests of <see cref="TrafficSpec.Match"/> alone.</summary>
    public int Weight { get; init; }

    /// <summary>How long the weight stays at the least.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether a person has to let the rollout go on from here.</summary>
    public bool Pause { get; init; }
}

/// <summary>When a rollout may start or advance.</summary>
public sealed record WindowsSpec
{
    /// <summary>The IANA name of the time zone of the times.</summary>
    public string TimeZone { get; init => field = value ?? "UTC"; } = "UTC";

    /// <summary>The times; one of them has to be open.</summary>
    public IReadOnlyList<OpenWindow> Open { get; init => field = value ?? []; } = [];
}

/// <summary>A time that comes again every week.</summary>
public sealed record OpenWindow
{
    /// <summary>The days on which it begins; null means every day.</summary>
    public IReadOnlyList<Weekday>? Days { get; init; }

    /// <summary>When it begins, <c>00:00</c> to <c>23:59</c>; null means midnight.</summary>
    public string? From { get; init; }

    /// <summary>When it ends, <c>00:00</c> to <c>24:00</c>: on the next day where that is not later than <see cref="From"/>; null means midnight.</summary>
    public string? To { get; init; }
}

/// <summary>The days of the week, in the order of ISO 8601.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Weekday>))]
public enum Weekday
{
    /// <summary>Monday.</summary>
    Mon = 1,

    /// <summary>Tuesday.</summary>
    Tue,

    /// <summary>Wednesday.</summary>
    Wed,

    /// <summary>Thursday.</summary>
    Thu,

    /// <summary>Friday.</summary>
    Fri,

    /// <summary>Saturday.</summary>
    Sat,

    /// <summary>Sunday.</summary>
    Sun,
}

/// <summary>What is judged beside the pods.</summary>
public sealed record AnalysisSpec
{
    /// <summary>The time between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The provider's name; null for the operator's default provider.</summary>
    public string? Provider { get; init; }

    /// <summary>The error rate rule; null where none is judged.</summary>
    public ErrorRateSpec? ErrorRate { get; init; }

    /// <summary>What else is judged.</summary>
    public IReadOnlyList<CheckSpec> Checks { get; init => field = value ?? []; } = [];
}

/// <summary>The share of requests that may fail. As a check, it is one of some of the requests, and has the sensitivity of all and the check's own way without data.</summary>
public sealed record ErrorRateSpec
{
    /// <summary>The highest error rate that is let through, as a percent string.</summary>
    public string Max { get; init => field = value ?? ""; } = "";

    /// <summary>The rate above which the weight stays and people are told, as a percent string below <see cref="Max"/>; null for none.</summary>
    public string? Warning { get; init; }

    /// <summary>What is done while nothing is known.</summary>
    public NoDataAction OnNoData { get; init; }

    /// <summary>How likely a version that is fine is rolled back while steps run, at the most, over a whole rollout, as a percent string.</summary>
    public string Sensitivity { get; init => field = value ?? "5%"; } = "5%";

    /// <summary>How much higher than the stable version's the odds of an error may be, as a percent string: 50% lets half as many again pass.</summary>
    public string Tolerance { get; init => field = value ?? "50%"; } = "50%";

    /// <summary>Requests that a step has to see; null computes it from <see cref="Max"/>.</summary>
    public int? MinRequests { get; init; }

    /// <summary>The PromQL selector of the counter of requests; null takes the provider's preset.</summary>
    public string? Requests { get; init; }

    /// <summary>The PromQL selector of the counter of failed requests; null takes the provider's preset.</summary>
    public string? Errors { get; init; }
}

/// <summary>How a version is watched that has all the traffic, before the one before it goes.</summary>
public sealed record MonitorSpec
{
    /// <summary>How long, 1 second to 24 hours.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>The error rate rule meanwhile; null leaves the one of the analysis.</summary>
    public MonitorErrorRateSpec? ErrorRate { get; init; }
}

/// <summary>The share of requests that may fail while a version is monitored.</summary>
public sealed record MonitorErrorRateSpec
{
    /// <summary>The highest error rate that is let through, as a percent string.</summary>
    public string Max { get; init => field = value ?? ""; } = "";
}

/// <summary>What a person asks for: carried out once for an id, and only for the revision that it was meant for.</summary>
public sealed record OperationRequest
{
    /// <summary>How long <see cref="By"/> may be.</summary>
    public const int LongestBy = 128;

    /// <summary>Tells one request from the next.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>What to do.</summary>
    public OperationVerb Verb { get; init; }

    /// <summary>The revision that it is meant for.</summary>
    public string Revision { get; init => field = value ?? ""; } = "";

    /// <summary>Who asks, as they say themselves; empty where they do not.</summary>
    public string By { get; init => field = value ?? ""; } = "";

    /// <summary>The request with who asks, for people.</summary>
    /// <inheritdoc/>
    public override string ToString() => By.Length == 0 ? $"operation {Id}" : $"operation {Id} of {By}";
}

/// <summary>What a person can ask for.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OperationVerb>))]
public enum OperationVerb
{
    /// <summary>Let a step that pauses go on.</summary>
    Promote,

    /// <summary>Roll back.</summary>
    Abort,

    /// <summary>Try a revision again that failed or was undone.</summary>
    Retry,

    /// <summary>Go back to a revision that is still kept.</summary>
    Undo,

    /// <summary>Go on from the step that runs, whatever it still waits for; what breaches there until then takes the version back nevertheless.</summary>
    Skip,

    /// <summary>Give a revision all the traffic without the steps that are left, and without looking at anything but its pods.</summary>
    PromoteFull,
}
