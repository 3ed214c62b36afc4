using RolloutController.Rehearsal.Pods;
using RolloutController.Rehearsal.Requests;

namespace RolloutController.Rehearsal.Scenarios;

/// <summary>What goes wrong while a new version is rolled out, and what should come of it.</summary>
public sealed record Scenario
{
    /// <summary>Its name on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What happens, in a sentence.</summary>
    public required string Description { get; init; }

    /// <summary>How a rollout that is set up well ends; null where that depends on what the Rollout judges.</summary>
    public Outcome? Expected { get; init; }

    /// <summary>How the new version does.</summary>
    public VersionConduct Canary { get; init; } = new();

    /// <summary>How the version does that serves already.</summary>
    public VersionConduct Stable { get; init; } = new();

    /// <summary>When Prometheus does not answer; null for never.</summary>
    public Outage? PrometheusOutage { get; init; }

    /// <summary>When a third version takes the place of the second, after this was shipped; null for never. It is a good one.</summary>
    public TimeSpan? SupersededAfter { get; init; }
}

/// <summary>How a version does.</summary>
public sealed record VersionConduct
{
    /// <summary>The share of requests that it fails, 0 to 1.</summary>
    public double ErrorRate { get; init; }

    /// <summary>The share of the traffic from which on it does, 0 to 1.</summary>
    public double FromShare { get; init; }

    /// <summary>How long its requests take.</summary>
    public Latency Latency { get; init; } = Latency.Usual;

    /// <summary>How its pods do.</summary>
    public PodScript Pods { get; init; } = new();

    /// <summary>How it serves at a moment.</summary>
    public ServingQuality At(ServingMoment moment) =>
        // A weight is met only about: 48 of 100 requests are 50 %.
        new(moment.Share >= FromShare * 0.9 ? ErrorRate : 0, Latency);
}

/// <summary>A time in which something does not answer.</summary>
/// <param name="After">How long after the new version was shipped it begins.</param>
/// <param name="For">How long it lasts.</param>
public sealed record Outage(TimeSpan After, TimeSpan For);

/// <summary>How a rehearsal ends.</summary>
public enum Outcome
{
    /// <summary>The newest version has all the traffic.</summary>
    Promoted,

    /// <summary>The version before has all the traffic again.</summary>
    RolledBack,

    /// <summary>Neither came about in all the time that the Rollout allows.</summary>
    Stuck,

    /// <summary>The Rollout cannot be carried out as it is written.</summary>
    Invalid,
}
