using System.Text.Json;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

/// <summary>A Rollout in the states that a page has to show, as the controller reports them.</summary>
/// <param name="now">The present.</param>
/// <param name="name">Its name.</param>
internal sealed class Shop(DateTimeOffset now, string name = "shop")
{
    public const string Old = "a5ce38cafb";
    public const string New = "c06ca5450c";

    private static readonly TrafficSpec Traffic = new() { Service = "shop", Routes = [new RouteReference { Name = "shop" }] };

    public ObjectKey Key { get; } = new("store", name);

    public RolloutSpec Spec { get; init; } = new()
    {
        Replicas = 10,
        Traffic = Traffic,
        Steps = [new StepSpec { Weight = 5 }, new StepSpec { Weight = 25 }, new StepSpec { Weight = 50, Pause = true }, new StepSpec { Weight = 100 }],
        Analysis = new AnalysisSpec { ErrorRate = new ErrorRateSpec { Max = "0.5%" } },
    };

    /// <summary>Everything is as it was asked for.</summary>
    public RolloutObject Healthy(string revision = Old) => Make(new RolloutStatus
    {
        Phase = Phase.Healthy,
        Message = $"{revision} has all the traffic; 10 pods available",
        State = new AtRest(revision),
        StableRevision = revision,
        StepIndex = 4,
        Step = "4/4",
        Weight = 100,
        ReadyReplicas = 10,
        Conditions = Conditions("Stable", ready: true),
    });

    /// <summary>The canary's pods come up.</summary>
    public RolloutObject Raising(int step) => Make(new RolloutStatus
    {
        Phase = Phase.Progressing,
        Message = $"on the way to {Spec.Steps[step].Weight} %: waits for pods: 1 of {1 + step * 2} ready",
        State = new Progressing(Old, New, Traffic, Spec.Steps[step].Weight, StepStage.Raising, now),
        StableRevision = Old,
        CanaryRevision = New,
        StepIndex = step,
        Step = $"{step + 1}/4",
        Weight = step == 0 ? 0 : Spec.Steps[step - 1].Weight,
        ReadyReplicas = 11,
        Conditions = Conditions("WaitingForPods"),
    });

    /// <summary>The canary is judged.</summary>
    public RolloutObject Judging(int step, long requests, long errors, string reason = "StepRunning", string found = "Ok", string message = "", bool stalled = false)
    {
        var weight = Spec.Steps[step].Weight;
        var since = now - TimeSpan.FromSeconds(40);
        return Make(new RolloutStatus
        {
            Phase = Phase.Progressing,
            Message = message.Length > 0 ? $"{weight} %: {message}" : FormattableString.Invariant(
                $"{weight} %: {requests:N0} requests judged, {errors} errors ({100.0 * errors / Math.Max(1, requests):0.##} %, at most 0.5 %); next look {now.AddSeconds(9):HH:mm:ss}; holds until {now.AddSeconds(20):HH:mm:ss}"),
            State = new Progressing(Old, New, Traffic, weight, StepStage.Judging, since),
            StableRevision = Old,
            CanaryRevision = New,
            StepIndex = step,
            Step = $"{step + 1}/4",
            Weight = weight,
            ReadyReplicas = 13,
            Evidence = new StoredEvidence { Requests = requests, Errors = errors, Class = found, Message = found == "Ok" ? "" : message, Since = since, SampledAt = now - TimeSpan.FromSeconds(6) },
            Conditions = Conditions(reason, stalled: stalled),
        });
    }

    /// <summary>The canary is judged by further checks as well: one of each state.</summary>
    public RolloutObject Checked()
    {
        var judging = Judging(1, 1120, 3);
        return judging with
        {
            Spec = judging.Spec with
            {
                Analysis = judging.Spec.Analysis! with
                {
                    Checks =
                    [
                        new CheckSpec { Name = "ready", Http = new HttpCheckSpec() },
                        new CheckSpec { Name = "memory", Metric = new MetricCheckSpec() },
                        new CheckSpec { Name = "slow", Latency = new LatencyCheckSpec { Max = "5%", SlowerThan = TimeSpan.FromSeconds(1) } },
                        new CheckSpec { Name = "smoke", Job = new JobCheckSpec { Template = JsonElement.Parse("{}") } },
                        new CheckSpec { Name = "queue", Query = new QueryCheckSpec() },
                    ],
                },
            },
            Status = judging.Status with
            {
                Evidence = judging.Status.Evidence! with
                {
                    Checks =
                    [
                        new CheckFinding { Name = "ready", KnownAt = now, Message = "3 pods answer as they should" },
                        new CheckFinding { Name = "memory", KnownAt = now, Level = CheckLevel.Warning, Value = "81", Message = "memory is 81 % of the limit, the highest of 3 pods" },
                        new CheckFinding { Name = "queue", KnownAt = now, Level = CheckLevel.Critical, Value = "1400", Message = "the query yields 1400" },
                    ],
                    Counts = [new StoredEvidence { Name = "slow", Requests = 1120, Errors = 12, Class = "Ok", SampledAt = now }],
                },
            },
        };
    }

    /// <summary>Gates are asked, before the canary gets its first request.</summary>
    public RolloutObject AtGates()
    {
        var raising = Raising(0);
        return raising with
        {
            Spec = raising.Spec with { Gates = [new CheckSpec { Name = "approved", Hook = new HookCheckSpec { Name = "approvals" } }] },
            Status = raising.Status with
            {
                State = (Progressing)raising.Status.State with { Stage = StepStage.Gating },
                Message = "before any traffic: approved: hook approvals holds it: nobody has approved",
                Evidence = new StoredEvidence { Since = now, Checks = [new CheckFinding { Name = "approved", Class = "Ok", Message = "hook approvals holds it: nobody has approved", SampledAt = now }] },
            },
        };
    }

    /// <summary>The canary is judged well, and a person has to let it go on.</summary>
    public RolloutObject Waiting()
    {
        var judging = Judging(2, 8798, 3, "Paused");
        return judging with
        {
            Status = judging.Status with
            {
                Phase = Phase.Paused,
                State = (Progressing)judging.Status.State with { Since = now - TimeSpan.FromSeconds(90) },
                Message = $"50 %: waits for a person; go on with spec.operation: {{id: <new>, verb: Promote, revision: {New}}}; 8,798 requests judged, 3 errors (0.03 %, at most 0.5 %)",
            },
        };
    }

    /// <summary>The canary passed every step.</summary>
    public RolloutObject Promoting() => Make(new RolloutStatus
    {
        Phase = Phase.Progressing,
        Message = $"{New} passed every step and is promoted: waits until every proxy knows the Service's new endpoints",
        State = new Promoting(Old, New, Traffic, ConclusionStage.Shifting, now),
        StableRevision = Old,
        CanaryRevision = New,
        StepIndex = 4,
        Step = "4/4",
        Weight = 100,
        ReadyReplicas = 20,
        Conditions = Conditions("PropagatingRoute"),
    });

    /// <summary>The canary failed, and the traffic goes back.</summary>
    public RolloutObject RollingBack() => Make(Failed with
    {
        Phase = Phase.RollingBack,
        Message = $"{New} is rolled back: {Failed.LastRollback!.Message}: gives {Old} all the traffic",
        State = new RollingBack(Old, New, Traffic, ConclusionStage.Shifting, now, RollbackCause.Failed),
        CanaryRevision = New,
        Weight = 25,
        Conditions = Conditions("PropagatingRoute"),
    });

    /// <summary>The canary failed, and the traffic is back.</summary>
    public RolloutObject RolledBack() => Make(Failed with
    {
        Phase = Phase.RolledBack,
        Message = $"{Old} has all the traffic; {New} was rolled back: {Failed.LastRollback!.Message}. Apply another template, or ask for it again with an operation Retry",
        State = new AtRest(Old),
        Conditions = Conditions("ErrorRateBreached", stalled: true),
    });

    /// <summary>It cannot be carried out as it is written.</summary>
    public RolloutObject Invalid() => Make(new RolloutStatus
    {
        Phase = Phase.Invalid,
        Message = $"spec.traffic.routes[0]: there is no HTTPRoute shop in namespace {Key.Namespace}; create it, or correct its name",
        State = new Initial(),
        Conditions = Conditions("RouteNotFound", stalled: true),
    });

    private RolloutStatus Failed => new()
    {
        StableRevision = Old,
        FailedRevision = New,
        Step = "0/4",
        ReadyReplicas = 10,
        LastRollback = new Rollback
        {
            Revision = New,
            Check = "errorRate",
            Reason = "ErrorRateBreached",
            Message = "at 25 %: error rate 7.99 % is above 0.5 %: 23 errors in 288 requests, more than chance explains",
            Time = now,
            Value = "7.99 %",
            Threshold = "0.5 %",
            Requests = 288,
            Errors = 23,
        },
    };

    private RolloutObject Make(RolloutStatus status) => new()
    {
        Metadata = new ObjectMeta { Namespace = Key.Namespace, Name = Key.Name, Uid = $"uid-{Key}", Generation = 3, CreationTimestamp = now.AddDays(-2) },
        Spec = Spec,
        Status = status with { ObservedGeneration = 3 },
    };

    private IReadOnlyList<Condition> Conditions(string reason, bool ready = false, bool stalled = false) =>
    [
        .. new[] { ("Ready", ready), ("Progressing", !ready && !stalled), ("Reconciling", !ready && !stalled), ("Stalled", stalled), ("Succeeded", ready) }
            .Select(each => new Condition { Type = each.Item1, Status = each.Item2 ? "True" : "False", Reason = reason, Message = "as it says", ObservedGeneration = 3, LastTransitionTime = now.AddMinutes(-4) }),
    ];
}
