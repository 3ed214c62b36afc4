using System.Globalization;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Control.Intents;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>Makes of what the cluster holds what the page shows. Pure.</summary>
internal static class RolloutViews
{
    /// <summary>Pods that are shown of one revision.</summary>
    public const int MaxPods = 100;

    /// <summary>The line of the list.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="sets">Its ReplicaSets.</param>
    public static RolloutSummary Summary(RolloutObject rollout, IReadOnlyList<ReplicaSet> sets)
    {
        var status = rollout.Status;
        return new RolloutSummary
        {
            Namespace = rollout.Metadata.Namespace,
            Name = rollout.Metadata.Name,
            Phase = status.Phase,
            Reason = Reason(status),
            Message = status.Message,
            IsStalled = status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True" }),
            IsPaused = rollout.Spec.Paused,
            IsDeleting = rollout.Metadata.DeletionTimestamp is not null,
            IsOutdated = status.ObservedGeneration < rollout.Metadata.Generation,
            Since = status.Conditions.Count == 0 ? null : status.Conditions.Max(condition => condition.LastTransitionTime),
            Stable = Named(status.StableRevision, sets),
            Canary = Named(status.CanaryRevision, sets),
            Weight = CanaryWeight(status),
            Steps = [.. rollout.Spec.Steps.Select((step, index) => new StepView(step.Weight, step.Hold.TotalSeconds, step.Pause, Place(status, index)))],
            Replicas = rollout.Spec.Replicas ?? 0,
            ReadyReplicas = status.ReadyReplicas,
        };
    }

    /// <summary>Everything about one Rollout but its history.</summary>
    /// <param name="rollout">The Rollout.</param>
    /// <param name="sets">Its ReplicaSets, with their pods.</param>
    public static RolloutDetail Detail(RolloutObject rollout, IReadOnlyList<(ReplicaSet Set, IReadOnlyList<Pod> Pods)> sets)
    {
        var (spec, status) = (rollout.Spec, rollout.Status);
        return new RolloutDetail
        {
            Summary = Summary(rollout, [.. sets.Select(each => each.Set)]),
            HoldsUntil = status.State is Progressing { IsJudged: true } step ? step.Since + spec.HoldAt(step) : null,
            IsApproved = status.State is Progressing { Approved: true },
            Rule = MaxErrorRate(spec, status) is { } max ? new ErrorRateRuleView(max, Threshold(max), spec.Analysis!.Interval.TotalSeconds) : null,
            Evidence = status.Evidence is { } evidence ? Evidence(spec, status, evidence) : null,
            IsAtGates = status.State is Progressing { IsAtGates: true },
            Checks = status.State is Progressing under ? [.. Looked(spec, under).Select(check => Check(check, status.Evidence))] : [],
            Traffic = Traffic(rollout) is { } traffic ? new TrafficNames(traffic.Service, [.. traffic.Routes.Select(route => route.ToString())]) : null,
            Revisions = [.. sets
                .Select(each => Revision(status, each.Set, each.Pods))
                .Where(revision => revision.Role != RevisionRole.Former || revision.Replicas > 0 || revision.Pods.Count > 0)
                .OrderByDescending(revision => revision.Number)],
            Conditions = status.Conditions,
            LastRollback = status.LastRollback,
            Operation = status.Operation,
            Operations = [.. Intent.Possible(spec, status)],
        };
    }

    /// <summary>Why a Rollout is as it is, in one word; empty before the first report.</summary>
    public static string Reason(RolloutStatus status) =>
        status.Conditions.FirstOrDefault(condition => condition.Type == "Ready")?.Reason ?? "";

    /// <summary>Percent of the traffic that the revision under trial carries; 0 at rest.</summary>
    public static int CanaryWeight(RolloutStatus status) => status.CanaryRevision.Length > 0 ? status.Weight : 0;

    /// <summary>The point that a status is in the series. A version that was promoted keeps the whole weight.</summary>
    public static SeriesPoint Point(RolloutStatus status, DateTimeOffset now) => new(
        now,
        status.State is Promoting ? 100 : CanaryWeight(status),
        status.Evidence is { Requests: > 0 } evidence ? (double)evidence.Errors / evidence.Requests : null,
        status.Evidence?.Requests ?? 0);

    private static RevisionName? Named(string revision, IReadOnlyList<ReplicaSet> sets) => revision.Length == 0
        ? null
        : new RevisionName(revision, sets.FirstOrDefault(set => ReplicaSets.Revision(set) == revision)?.Spec.Template.Images ?? []);

    private static StepPlace Place(RolloutStatus status, int index) => status.State switch
    {
        _ when index < status.StepIndex => StepPlace.Passed,
        Progressing step when index == status.StepIndex => step.IsJudged ? StepPlace.Judging : StepPlace.Raising,
        _ => StepPlace.Ahead,
    };

    private static string? MaxErrorRate(RolloutSpec spec, RolloutStatus status) =>
        spec.MaxErrorRateIn(status.State is Progressing step ? step.Stage : StepStage.Judging);

    // The schema lets nothing else in; a page that fails because of one object would hide all others.
    private static double? Threshold(string max)
    {
        try
        {
            return PercentString.Parse(max);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static EvidenceView Evidence(RolloutSpec spec, RolloutStatus status, StoredEvidence evidence)
    {
        var needed = status.State is Progressing { Weight: > 0 } step && spec.Analysis?.ErrorRate is { } rate && Threshold(MaxErrorRate(spec, status)!) is { } max
            ? RequestFloor.For(max, step.Weight, spec.IsFirst(step.Weight), rate.MinRequests)
            : (long?)null;
        return new EvidenceView(
            evidence.Requests, evidence.Errors, needed, evidence.Class, evidence.Message, evidence.Since, evidence.SampledAt, evidence.SampledAt + spec.Analysis?.Interval);
    }

    /// <summary>What the counts of a step mean by themselves; chance is weighed elsewhere.</summary>
    public static CheckState StateOf(EvidenceView evidence, ErrorRateRuleView rule) =>
        evidence.Class != nameof(DataClass.Ok) || evidence.Requests < evidence.Needed ? CheckState.Waits
        : evidence.Errors > rule.Threshold * evidence.Requests ? CheckState.Critical : CheckState.Fine;

    private static IEnumerable<CheckSpec> Looked(RolloutSpec spec, Progressing step) => step.IsAtGates ? spec.Gates : spec.Analysis?.Checks ?? [];

    private static CheckView Check(CheckSpec check, StoredEvidence? evidence)
    {
        if (check.IsCounted)
            return Counted(check, evidence?.Counts?.FirstOrDefault(count => count.Name == check.Name));
        return evidence?.Checks?.FirstOrDefault(one => one.Name == check.Name) is not { } finding
            ? new CheckView(check.Name, CheckState.Waits, "no look yet")
            : new CheckView(check.Name, State(finding), finding.Message);
    }

    private static CheckState State(CheckFinding finding) => finding switch
    {
        { Level: CheckLevel.Critical } => CheckState.Critical,
        { KnownAt: null } or { UnknownSince: not null } or { Level: CheckLevel.Warning } => CheckState.Waits,
        _ => CheckState.Fine,
    };

    /// <summary>Of requests that are counted: how many of them failed, or took too long.</summary>
    private static CheckView Counted(CheckSpec check, StoredEvidence? counted)
    {
        var (max, bad) = check.Latency is { } latency ? (latency.Max, "slow") : (check.ErrorRate!.Max, "failed");
        if (counted is null || counted.Class != nameof(DataClass.Ok))
            return new CheckView(check.Name, CheckState.Waits, counted is { Message.Length: > 0 } ? counted.Message : "no look yet");
        var rate = counted.Requests == 0 ? 0 : (double)counted.Errors / counted.Requests;
        return new CheckView(
            check.Name,
            rate > Threshold(max) ? CheckState.Critical : CheckState.Fine,
            string.Create(CultureInfo.InvariantCulture, $"{rate * 100:0.##} %, at most {max}: {counted.Errors:N0} of {counted.Requests:N0} requests {bad}{(check.Latency is not null && counted.Message.Length > 0 ? $"; {counted.Message}" : "")}"));
    }

    private static TrafficSpec? Traffic(RolloutObject rollout) =>
        (rollout.Status.State is InFlight flight ? flight.Traffic : rollout.Spec.Traffic) is { Routes.Count: > 0 } traffic ? traffic : null;

    private static RevisionView Revision(RolloutStatus status, ReplicaSet set, IReadOnlyList<Pod> pods)
    {
        var revision = ReplicaSets.Revision(set);
        return new RevisionView
        {
            Revision = revision,
            Number = long.TryParse(set.Metadata.Annotations.GetValueOrDefault(Names.RevisionNumber), out var number) ? number : 0,
            Role = revision == status.CanaryRevision ? RevisionRole.Canary
                : revision == status.StableRevision ? RevisionRole.Stable
                : revision == status.FailedRevision ? RevisionRole.Failed
                : RevisionRole.Former,
            Images = set.Spec.Template.Images,
            CreatedAt = set.Metadata.CreationTimestamp,
            Replicas = set.Spec.Replicas,
            Ready = set.Status.ReadyReplicas,
            Pods = [.. pods.Select(Pod).OrderBy(pod => pod.Ready).ThenByDescending(pod => pod.Trouble.Length > 0).ThenBy(pod => pod.Name, StringComparer.Ordinal).Take(MaxPods)],
            MorePods = Math.Max(0, pods.Count - MaxPods),
        };
    }

    private static PodView Pod(Pod pod)
    {
        var ready = pod.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" });
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        return new PodView(
            pod.Metadata.Name,
            terminating ? "Terminating" : pod.Status.Phase.Length > 0 ? pod.Status.Phase : "Pending",
            ready && !terminating,
            pod.Status.ContainerStatuses.Sum(container => container.RestartCount),
            pod.Metadata.CreationTimestamp,
            PodDiagnosis.Worst([pod])?.Message is { } trouble ? trouble.Replace($"pod {pod.Metadata.Name} ", "", StringComparison.Ordinal) : "");
    }
}
