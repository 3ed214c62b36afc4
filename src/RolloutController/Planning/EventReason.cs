using System.Runtime.CompilerServices;

namespace RolloutController.Planning;

/// <summary>
/// The word for programs in an event, which is also the reason of the conditions where a Rollout cannot be carried out. There are no others, and
/// people filter by them: docs/events.md says of each when it comes and what to do.
/// </summary>
public sealed class EventReason
{
    /// <summary>The first version serves.</summary>
    public static readonly EventReason Deployed = new();

    /// <summary>A new version sets out.</summary>
    public static readonly EventReason RolloutStarted = new();

    /// <summary>The gates let a version pass.</summary>
    public static readonly EventReason GatesPassed = new();

    /// <summary>A version carries the weight of a step.</summary>
    public static readonly EventReason WeightSet = new();

    /// <summary>A step waits for a person.</summary>
    public static readonly EventReason AwaitingPromotion = new();

    /// <summary>A version passed every step and is watched further.</summary>
    public static readonly EventReason Monitoring = new();

    /// <summary>A version passed every step and has all the traffic.</summary>
    public static readonly EventReason Promoted = new();

    /// <summary>A version is taken back.</summary>
    public static readonly EventReason RolledBack = new();

    /// <summary>The version before has all the traffic again.</summary>
    public static readonly EventReason TrafficRestored = new();

    /// <summary>A rollback would send the traffic to nobody.</summary>
    public static readonly EventReason RollbackBlocked = new();

    /// <summary>A rollback takes longer than pods may take.</summary>
    public static readonly EventReason RollbackStuck = new();

    /// <summary>A newer template arrived midway.</summary>
    public static readonly EventReason Superseded = new();

    /// <summary>The template became the earlier one again midway.</summary>
    public static readonly EventReason Reverted = new();

    /// <summary>The Rollout was scaled to zero midway.</summary>
    public static readonly EventReason ScaledToZero = new();

    /// <summary>Something else changed the weights of a route.</summary>
    public static readonly EventReason RouteDrift = new();

    /// <summary>A check found what holds a step.</summary>
    public static readonly EventReason CheckWarning = new();

    /// <summary>A check asks for what nobody can answer.</summary>
    public static readonly EventReason CheckMisconfigured = new();

    /// <summary>No version has a ready pod.</summary>
    public static readonly EventReason NoReadyPods = new();

    /// <summary>It does not go on without a person.</summary>
    public static readonly EventReason RolloutStalled = new();

    /// <summary>What a person was called for is over.</summary>
    public static readonly EventReason Recovered = new();

    /// <summary>An operation was carried out.</summary>
    public static readonly EventReason OperationDone = new();

    /// <summary>An operation could not be carried out.</summary>
    public static readonly EventReason OperationRefused = new();

    /// <summary>The passes of a Rollout fail again and again.</summary>
    public static readonly EventReason ReconcileFailed = new();

    /// <summary>This version of the controller cannot read the Rollout.</summary>
    public static readonly EventReason Unreadable = new();

    /// <summary>A Deployment has its pods back, because its Rollout is gone.</summary>
    public static readonly EventReason WorkloadReturned = new();

    /// <summary>A Deployment has no pods of its template to go on with, though its Rollout is gone.</summary>
    public static readonly EventReason WorkloadStaysPaused = new();

    /// <summary>The API server refuses the pod template, or there is none.</summary>
    public static readonly EventReason InvalidTemplate = new();

    /// <summary>The selector does not select the pods of the template.</summary>
    public static readonly EventReason SelectorDoesNotMatch = new();

    /// <summary>The Deployment to take over is not there.</summary>
    public static readonly EventReason WorkloadNotFound = new();

    /// <summary>The steps do not go up.</summary>
    public static readonly EventReason InvalidSteps = new();

    /// <summary>A rate cannot be read.</summary>
    public static readonly EventReason InvalidRate = new();

    /// <summary>There is no time zone of that name.</summary>
    public static readonly EventReason UnknownTimeZone = new();

    /// <summary>The Service is not there.</summary>
    public static readonly EventReason ServiceNotFound = new();

    /// <summary>The Service has no selector.</summary>
    public static readonly EventReason ServiceSelectsNothing = new();

    /// <summary>The Service selects other pods than those of the template.</summary>
    public static readonly EventReason ServiceSelectsOtherPods = new();

    /// <summary>The name of the canary's Service is taken.</summary>
    public static readonly EventReason CanaryServiceTaken = new();

    /// <summary>The cluster does not serve such routes.</summary>
    public static readonly EventReason RouteKindNotServed = new();

    /// <summary>The route is not there.</summary>
    public static readonly EventReason RouteNotFound = new();

    /// <summary>The route sends nothing to the Service.</summary>
    public static readonly EventReason RouteDoesNotNameService = new();

    /// <summary>The route cannot express the split.</summary>
    public static readonly EventReason RouteCannotBeWeighted = new();

    /// <summary>Another Rollout has the object already.</summary>
    public static readonly EventReason ClaimedByAnother = new();

    /// <summary>No provider of that name is configured.</summary>
    public static readonly EventReason ProviderNotFound = new();

    /// <summary>No hook of that name is configured.</summary>
    public static readonly EventReason HookNotFound = new();

    /// <summary>A selector or expression cannot be used.</summary>
    public static readonly EventReason InvalidSelector = new();

    /// <summary>The provider takes no free expressions.</summary>
    public static readonly EventReason QueryNotAllowed = new();

    /// <summary>The provider has no selectors of its own for the check.</summary>
    public static readonly EventReason NoPreset = new();

    /// <summary>The pods have no such port.</summary>
    public static readonly EventReason PortNotFound = new();

    /// <summary>The pods share the network of their nodes, where no check asks.</summary>
    public static readonly EventReason HostNetworkNotAsked = new();

    /// <summary>The controller may not read or copy ConfigMaps or Secrets.</summary>
    public static readonly EventReason ConfigForbidden = new();

    /// <summary>A ConfigMap or Secret cannot be read just now.</summary>
    public static readonly EventReason ConfigNotRead = new();

    /// <summary>A ConfigMap or Secret is not there.</summary>
    public static readonly EventReason ConfigNotFound = new();

    /// <summary>A name leaves no room for the names of copies.</summary>
    public static readonly EventReason ConfigNameTooLong = new();

    private EventReason([CallerMemberName] string word = "") => Word = word;

    /// <summary>The word.</summary>
    public string Word { get; }

    /// <summary>The word.</summary>
    public static implicit operator string(EventReason reason) => reason.Word;

    /// <inheritdoc/>
    public override string ToString() => Word;
}
