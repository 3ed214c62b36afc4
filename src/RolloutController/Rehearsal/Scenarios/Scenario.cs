using RolloutController.Rehearsal.Hooks;
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

    /// <summary>The check that has to take the new version back; null where any may.</summary>
    public string? ExpectedCheck { get; init; }

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
    /// <summary>Nothing but what is fine is measured.</summary>
    public static readonly IReadOnlyDictionary<string, Func<TimeSpan, double>> NoGauges = new Dictionary<string, Func<TimeSpan, double>>();

    /// <summary>The share of requests that it fails, 0 to 1.</summary>
    public double ErrorRate { get; init; }

    /// <summary>The share of the traffic from which on it does, 0 to 1.</summary>
    public double FromShare { get; init; }

    /// <summary>How long after the new version was shipped it begins to.</summary>
    public TimeSpan ErrorsAfter { get; init; }

    /// <summary>How long its requests take.</summary>
    public Latency Latency { get; init; } = Latency.Usual;

    /// <summary>How its pods do.</summary>
    public PodScript Pods { get; init; } = new();

    /// <summary>How its pods answer the controller, where that is not as it should be; the first that applies.</summary>
    public IReadOnlyList<PathAnswer> Answers { get; init; } = [];

    /// <summary>How the Jobs of its checks do; one that is not named succeeds.</summary>
    public IReadOnlyList<JobConduct> Jobs { get; init; } = [];

    /// <summary>What endpoints answer that are asked about it; the first that applies, and else that it may go on.</summary>
    public IReadOnlyList<HookConduct> Hooks { get; init; } = [];

    /// <summary>What an endpoint answers.</summary>
    /// <param name="check">The check that asks.</param>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public HookAnswer AnswerOf(string check, TimeSpan elapsed) => Hooks.FirstOrDefault(hook => hook.Applies(check, elapsed))?.Answer ?? HookAnswer.Proceed;

    /// <summary>How the pod of a Job does.</summary>
    /// <param name="check">The check that the Job belongs to; null where it names none.</param>
    public PodScript JobOf(string? check) => Jobs.FirstOrDefault(job => job.Check == check)?.Script ?? PodScript.OfJob;

    /// <summary>How one of its pods answers.</summary>
    /// <param name="request">The request.</param>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public PodAnswer Answer(PodRequest request, TimeSpan elapsed) =>
        Answers.FirstOrDefault(answer => answer.Applies(request, elapsed))?.Answer ?? PodAnswer.Good;

    /// <summary>
    /// What is measured of its pods, by metric, or for an expression or log lines by the name of its check: a value for each time since the new version was
    /// shipped. What is measured by something else (<c>metric.per</c>) is in percent of it. Nothing said of a check, it measures what is fine.
    /// </summary>
    public IReadOnlyDictionary<string, Func<TimeSpan, double>> Gauges { get; init; } = NoGauges;

    /// <summary>What is measured of its pods at a moment.</summary>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public IReadOnlyDictionary<string, double> Measured(TimeSpan elapsed) => Gauges.ToDictionary(gauge => gauge.Key, gauge => gauge.Value(elapsed));

    /// <summary>How it serves at a moment.</summary>
    /// <param name="moment">The moment.</param>
    /// <param name="elapsed">How long ago the new version was shipped.</param>
    public ServingQuality At(ServingMoment moment, TimeSpan elapsed) =>
        // A weight is met only about: 48 of 100 requests are 50 %.
        new(moment.Share >= FromShare * 0.9 && elapsed >= ErrorsAfter ? ErrorRate : 0, Latency);
}

/// <summary>How the Job of a check does.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Succeeds">Whether its pods exit without an error.</param>
/// <param name="RunsFor">How long they run; null for as long as usual.</param>
/// <param name="Log">What they write to their log.</param>
public sealed record JobConduct(string Check, bool Succeeds = true, TimeSpan? RunsFor = null, string Log = "")
{
    /// <summary>How its pods live.</summary>
    public PodScript Script => PodScript.OfJob with
    {
        Conduct = Succeeds ? PodConduct.Succeeds : PodConduct.Fails,
        RunsFor = RunsFor ?? PodScript.OfJob.RunsFor,
        Log = Log,
    };
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
