namespace RolloutController.Rehearsal.Pods;

/// <summary>What a pod does, or comes to.</summary>
public enum PodConduct
{
    /// <summary>It runs and is ready after its start-up.</summary>
    Ready,

    /// <summary>It runs, but its readiness probe fails.</summary>
    Unready,

    /// <summary>Its containers exit, again and again, and are started anew after longer and longer waits.</summary>
    CrashLoop,

    /// <summary>Its containers exit once; started anew, they are ready after their start-up.</summary>
    Restart,

    /// <summary>Its image cannot be pulled, so nothing starts.</summary>
    ImagePullFailure,

    /// <summary>No node has room for it.</summary>
    Unschedulable,

    /// <summary>Its containers run for a time, and exit without an error.</summary>
    Succeeds,

    /// <summary>Its containers run for a time, and exit with an error.</summary>
    Fails,
}

/// <summary>
/// How one pod lives, from being seen by the scheduler on. Times are zero or more. Whether containers that exited are started anew, the
/// <c>restartPolicy</c> of the pod tells.
/// </summary>
public sealed record PodScript
{
    /// <summary>How the pod of a Job lives of which nothing else is said: it does its work, and ends.</summary>
    public static PodScript OfJob { get; } = new() { Conduct = PodConduct.Succeeds };

    /// <summary>What becomes of it.</summary>
    public PodConduct Conduct { get; init; } = PodConduct.Ready;

    /// <summary>What it turns to later, each a time after the one before; the first counts from the end of the start-up. A pod that runs can neither become unschedulable nor lack its image.</summary>
    public IReadOnlyList<PodTurn> Turns { get; init; } = [];

    /// <summary>How long the scheduler takes.</summary>
    public TimeSpan Scheduling { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the image takes to be pulled.</summary>
    public TimeSpan ImagePull { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long its containers take from being started until they can serve; the readiness probe of the template tells when that is seen.</summary>
    public TimeSpan StartUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a container that crashes runs before it does.</summary>
    public TimeSpan CrashAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the containers of a pod that succeeds or fails run before they exit.</summary>
    public TimeSpan RunsFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What it writes to its log as soon as its containers run.</summary>
    public string Log { get; init; } = "";

    /// <summary>How long it goes on after it was asked to go; its grace period and a <c>preStop</c> sleep of the template count as well.</summary>
    public TimeSpan Stop { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>A turn in the life of a pod.</summary>
/// <param name="After">How long after the turn before.</param>
/// <param name="Conduct">What it does from then on.</param>
public sealed record PodTurn(TimeSpan After, PodConduct Conduct);
