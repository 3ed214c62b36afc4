using RolloutController.Analysis;
using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>What is to be done next.</summary>
/// <param name="Status">What to report. It is written before the effects, because they rest on the decision in it.</param>
/// <param name="Effects">What to do, in this order; each holds for what was observed, and the first that fails ends the pass.</param>
/// <param name="WakeAt">When to look again though nothing has changed; null when only a change matters.</param>
/// <param name="Notices">What to tell people as events.</param>
/// <param name="Evidence">The evidence to go on counting with.</param>
/// <param name="Sampling">What to sample beside the passes; null when nothing is judged.</param>
public sealed record Plan(
    RolloutStatus Status,
    IReadOnlyList<Effect> Effects,
    DateTimeOffset? WakeAt,
    IReadOnlyList<Notice> Notices,
    Evidence? Evidence,
    SamplingPlan? Sampling);

/// <summary>What is sampled.</summary>
/// <param name="Revision">The revision that is looked at.</param>
/// <param name="Interval">The time between two looks.</param>
public sealed record SamplingPlan(string Revision, TimeSpan Interval)
{
    /// <summary>Whether its requests and errors are counted.</summary>
    public bool CountsRequests { get; init; }

    /// <summary>What else is looked at.</summary>
    public IReadOnlyList<CheckSpec> Checks { get; init; } = [];
}

/// <summary>Something to tell people.</summary>
/// <param name="Reason">A word for programs.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Severity">How much it matters.</param>
public sealed record Notice(EventReason Reason, string Message, Severity Severity = Severity.P3)
{
    /// <summary>The rollback that it is about; null where it is about none.</summary>
    public Rollback? Rollback { get; init; }

    /// <summary>Whether somebody should look at it.</summary>
    public bool IsWarning => Severity < Severity.P3;

    /// <summary>A version is taken back. One that never had a request harmed nobody.</summary>
    /// <param name="before">Where the rollout was.</param>
    /// <param name="rollback">Why.</param>
    internal static Notice RolledBack(RolloutState before, Rollback rollback) =>
        new(EventReason.RolledBack, $"{rollback.Revision} is rolled back: {rollback.Message}", before is Progressing { IsAtGates: true } ? Severity.P2 : Severity.P1) { Rollback = rollback };
}

/// <summary>A change to the cluster. All are idempotent: what they make true may be true already.</summary>
public abstract record Effect
{
    /// <summary>Puts our finalizer on the Rollout.</summary>
    public sealed record AddFinalizer : Effect;

    /// <summary>Takes our finalizer off the Rollout.</summary>
    public sealed record RemoveFinalizer : Effect;

    /// <summary>Writes <c>spec.replicas</c> where it is absent, so that the scale subresource works.</summary>
    public sealed record SetReplicas(int Replicas) : Effect;

    /// <summary>Makes the ReplicaSet of the asked-for template.</summary>
    public sealed record CreateReplicaSet(string Revision, int Replicas, long Number) : Effect;

    /// <summary>Writes down the observed content of ConfigMaps and Secrets as that of a ReplicaSet.</summary>
    public sealed record RecordConfig(string Name) : Effect;

    /// <summary>Takes over a ReplicaSet with its pods.</summary>
    public sealed record AdoptReplicaSet(string Name, long Number) : Effect;

    /// <summary>Settles what becomes of a ReplicaSet when the Rollout is deleted.</summary>
    public sealed record SetOwners(string Name) : Effect;

    /// <summary>Asks a ReplicaSet for a number of pods.</summary>
    public sealed record ScaleReplicaSet(string Name, int Replicas) : Effect;

    /// <summary>Deletes a ReplicaSet without pods.</summary>
    public sealed record DeleteReplicaSet(string Name) : Effect;

    /// <summary>Makes the Deployment stand still.</summary>
    public sealed record PauseWorkload : Effect;

    /// <summary>Lets the user's Service select one revision only.</summary>
    public sealed record PinService(string Revision) : Effect;

    /// <summary>Gives the user's Service back its own selector.</summary>
    public sealed record UnpinService : Effect;

    /// <summary>Makes the canary Service, or points it at this revision.</summary>
    public sealed record PointCanaryService(string Revision) : Effect;

    /// <summary>Removes the canary Service.</summary>
    public sealed record DeleteCanaryService : Effect;

    /// <summary>Gives the canary Service a weight in every route; 0 gives the routes back their form at rest.</summary>
    public sealed record SetWeight(int Weight) : Effect;

    /// <summary>Gives the canary Service the requests of <see cref="TrafficSpec.Match"/> in every route, and no others.</summary>
    public sealed record SendMatched : Effect;
}
