using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>Everything that a decision needs, as it was at one moment. Immutable; the planner sees nothing else.</summary>
public sealed record Observation
{
    /// <summary>Which Rollout it is, and how far its life has come.</summary>
    public required RolloutIdentity Rollout { get; init; }

    /// <summary>What is asked for.</summary>
    public required RolloutSpec Spec { get; init; }

    /// <summary>What was last decided and reported.</summary>
    public required RolloutStatus Status { get; init; }

    /// <summary>The moment.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The revision that the template asks for.</summary>
    public required TemplateView Template { get; init; }

    /// <summary>The content of the ConfigMaps and Secrets that the template names; null where the Rollout does not ask for it, or it is not known.</summary>
    public ConfigState? Config { get; init; }

    /// <summary>The ReplicaSets that the Rollout owns.</summary>
    public IReadOnlyList<RevisionSet> Revisions { get; init; } = [];

    /// <summary>ReplicaSets that never had a pod, because making their copies of ConfigMaps and Secrets was cut off. They are made anew, never taken up.</summary>
    public IReadOnlyList<RevisionSet> Unfinished { get; init; } = [];

    /// <summary>The ReplicaSets that can be taken over: all of the Deployment's, or one that nobody controls and that has the asked-for template.</summary>
    public IReadOnlyList<RevisionSet> Adoptable { get; init; } = [];

    /// <summary>The Deployment that <c>spec.workloadRef</c> names; null where none is named or found.</summary>
    public WorkloadView? Workload { get; init; }

    /// <summary>The Services and routes that carry the traffic; null where pod counts make the split.</summary>
    public TrafficView? Traffic { get; init; }

    /// <summary>What is wrong with the Rollout as it is written.</summary>
    public IReadOnlyList<Problem> Problems { get; init; } = [];

    /// <summary>What has been counted at the step that is being judged; null before the first.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary>The pods that serve at rest.</summary>
    public int Replicas => Spec.Replicas ?? Workload?.Replicas ?? 1;

    /// <summary>The ReplicaSet of a revision; null where there is none.</summary>
    public RevisionSet? Find(string revision) => Revisions.FirstOrDefault(set => set.Revision == revision);
}

/// <summary>Which Rollout it is.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Generation">The generation of its spec.</param>
/// <param name="HasFinalizer">Whether our finalizer is on it.</param>
/// <param name="DeletedAt">When it was asked to go; null while it was not.</param>
public sealed record RolloutIdentity(string Namespace, string Name, long Generation, bool HasFinalizer = false, DateTimeOffset? DeletedAt = null)
{
    /// <summary>When it was made, by the API server's clock.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What became of the pod template.</summary>
public abstract record TemplateView
{
    /// <summary>The API takes the template; it is this revision.</summary>
    /// <param name="Revision">The pod-template-hash of its pods.</param>
    public sealed record Accepted(string Revision) : TemplateView;

    /// <summary>The API refuses the template, or it cannot be read.</summary>
    /// <param name="Problem">Why, and what to write instead.</param>
    public sealed record Refused(Problem Problem) : TemplateView;
}

/// <summary>A ReplicaSet and its pods.</summary>
public sealed record RevisionSet
{
    /// <summary>The ReplicaSet's name.</summary>
    public required string Name { get; init; }

    /// <summary>The pod-template-hash of its pods.</summary>
    public required string Revision { get; init; }

    /// <summary>Its place in the history, rising.</summary>
    public long Number { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The images of its containers.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>The content of its ConfigMaps and Secrets; null where nobody has looked.</summary>
    public ConfigState? Config { get; init; }

    /// <summary>The pods that it is asked to have.</summary>
    public int Replicas { get; init; }

    /// <summary>The pods that it has.</summary>
    public int Current { get; init; }

    /// <summary>The pods that are ready.</summary>
    public int Ready { get; init; }

    /// <summary>The pods that have been ready for minReadySeconds.</summary>
    public int Available { get; init; }

    /// <summary>What keeps pods from being ready; null where nothing does.</summary>
    public PodTrouble? Trouble { get; init; }

    /// <summary>Whether it goes back to the Deployment, should the Rollout be deleted.</summary>
    public bool Returns { get; init; }

    /// <summary>Available pods among those that it is asked to have: its status can lag behind a scale-down.</summary>
    public int SureAvailable => Math.Min(Available, Replicas);

    /// <summary>The most pods that exist or are asked for.</summary>
    public int Footprint => Math.Max(Replicas, Current);
}

/// <summary>What keeps a pod from being ready.</summary>
/// <param name="Kind">The class of the cause.</param>
/// <param name="Message">The pod, and what was said of it.</param>
/// <param name="Since">Since when the pod is not ready.</param>
public sealed record PodTrouble(PodTroubleKind Kind, string Message, DateTimeOffset Since);

/// <summary>The causes that a person would tell apart.</summary>
public enum PodTroubleKind
{
    /// <summary>Containers are starting, or nothing more is known.</summary>
    Starting,

    /// <summary>It runs, and its readiness probe fails.</summary>
    ProbeFailing,

    /// <summary>No node takes it.</summary>
    Unschedulable,

    /// <summary>An image cannot be pulled.</summary>
    ImagePull,

    /// <summary>A container ends again and again.</summary>
    CrashLoop,
}

/// <summary>The Deployment that a Rollout takes over.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Replicas">The pods that it is asked to have.</param>
/// <param name="Paused">Whether it stands still.</param>
/// <param name="Settled">Whether its controller has seen its newest spec, and no rolling update of its own is under way.</param>
public sealed record WorkloadView(string Name, int Replicas, bool Paused, bool Settled);

/// <summary>Something that is wrong with a Rollout as it is written.</summary>
/// <param name="Reason">A word for programs.</param>
/// <param name="Field">The path of the field.</param>
/// <param name="Message">What is wrong and what to write instead.</param>
public sealed record Problem(EventReason Reason, string Field, string Message)
{
    /// <summary>Whether an object is missing that the Rollout names, which may only be late.</summary>
    public bool IsAbsence =>
        Reason == EventReason.ServiceNotFound || Reason == EventReason.RouteNotFound || Reason == EventReason.WorkloadNotFound || Reason == EventReason.ConfigNotFound;

    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Message}";
}

/// <summary>The Services and routes that carry the traffic.</summary>
public sealed record TrafficView
{
    /// <summary>The revision that the user's Service is pinned to; null at rest.</summary>
    public string? PinnedTo { get; init; }

    /// <summary>Ready endpoints of the user's Service by revision.</summary>
    public IReadOnlyDictionary<string, int> ServiceEndpoints { get; init; } = new Dictionary<string, int>();

    /// <summary>The revision that the canary Service selects; null where there is no such Service.</summary>
    public string? CanarySelects { get; init; }

    /// <summary>Ready endpoints of the canary Service by revision.</summary>
    public IReadOnlyDictionary<string, int> CanaryEndpoints { get; init; } = new Dictionary<string, int>();

    /// <summary>The routes.</summary>
    public IReadOnlyList<RouteView> Routes { get; init; } = [];

    /// <summary>Percent that the canary Service is sure to carry: the least of all routes.</summary>
    public int Weight => Routes.Count == 0 ? 0 : Routes.Min(route => route.LowestWeight);

    /// <summary>Percent that the canary Service carries at the most.</summary>
    public int HighestWeight => Routes.Count == 0 ? 0 : Routes.Max(route => route.HighestWeight);

    /// <summary>Whether every route gives the canary Service exactly this weight, in the form that the controller writes; 0 is the form at rest.</summary>
    public bool Carries(int weight) => Routes.All(route => route.IsExactly(weight));

    /// <summary>Whether every route gives the canary Service the matched requests and no others, in the form that the controller writes.</summary>
    public bool CarriesMatched => Routes.All(route => route.IsExactlyMatched);

    /// <summary>Whether any request reaches the canary Service.</summary>
    public bool ReachesCanary => Routes.Any(route => route.HighestWeight > 0 || route.Matched);

    /// <summary>The first route that its gateway has not accepted yet, as a sentence; null where all are accepted.</summary>
    public string? NotAccepted => Routes.Select(route => route.NotAccepted).FirstOrDefault(message => message is not null);

    /// <summary>Ready endpoints of the user's Service that belong to a revision.</summary>
    public int ServiceReady(string revision) => ServiceEndpoints.GetValueOrDefault(revision);

    /// <summary>Ready endpoints of the canary Service that belong to a revision.</summary>
    public int CanaryReady(string revision) => CanaryEndpoints.GetValueOrDefault(revision);
}

/// <summary>A route as it was read back.</summary>
/// <param name="Name">Kind and name, for people.</param>
/// <param name="LowestWeight">The least percent that one of its rules gives the canary Service.</param>
/// <param name="HighestWeight">The most percent that one of its rules gives the canary Service.</param>
/// <param name="Clean">Whether all its rules are in the form that the controller writes for that weight; 0 is the form at rest.</param>
/// <param name="NotAccepted">What the gateway says against it or has not said yet; null when it accepted this generation.</param>
/// <param name="Gone">The route does not exist any more, or no longer names the Service.</param>
public sealed record RouteView(string Name, int LowestWeight, int HighestWeight, bool Clean, string? NotAccepted, bool Gone = false)
{
    /// <summary>Whether it gives the canary Service requests with certain headers, whatever its weight.</summary>
    public bool Matched { get; init; }

    /// <summary>Whether it gives exactly this weight; a route that is gone carries nothing of ours.</summary>
    public bool IsExactly(int weight) => Gone ? weight == 0 : Clean && LowestWeight == weight && HighestWeight == weight && !(weight == 0 && Matched);

    /// <summary>Whether it gives the matched requests and no others.</summary>
    public bool IsExactlyMatched => Clean && Matched && HighestWeight == 0;
}
