using RolloutController.Api;

namespace RolloutController.Planning;

/// <summary>What the pods of the canary say about it. Needs no metrics: the first rule of every judgement.</summary>
internal static class CanaryHealth
{
    /// <summary>The name of this check in status.</summary>
    public const string Check = "pods";

    /// <summary>Why the canary has to go; null while its pods give no cause.</summary>
    /// <param name="seen">What is there.</param>
    /// <param name="step">The step.</param>
    /// <param name="needed">How many available pods the step needs.</param>
    public static Rollback? Failure(Observation seen, Progressing step, int needed)
    {
        if (needed == 0)
            return null;
        var set = seen.Find(step.Canary);
        if (CarriesTraffic(seen, step) && Serving(seen, step) == 0)
            return NoReadyPods(seen, step.Canary, step.Weight, needed);
        var available = set?.SureAvailable ?? 0;
        if (available >= needed || step.Frozen || seen.Spec.Paused)
            return null;
        return step.Stage switch
        {
            StepStage.Previewing or StepStage.Raising when seen.Now >= step.Since + seen.Spec.ProgressDeadline => Late(seen, step, set, available, needed),
            StepStage.Judging or StepStage.Monitoring when set?.Trouble is { Kind: PodTroubleKind.CrashLoop } trouble =>
                Failed(seen, step.Canary, step.Weight, Reason(trouble), "a pod of it crashes again and again", trouble, $"{available} of {needed} available"),
            StepStage.Judging or StepStage.Monitoring when set?.Trouble is { } trouble && seen.Now >= trouble.Since + seen.Spec.ProgressDeadline =>
                Late(seen, step, set, available, needed),
            _ => null,
        };
    }

    /// <summary>
    /// Why a canary that passed every step has to go nevertheless: it lost its last pod before the old version lost the first. Null
    /// while it serves, or where the old version could not take over.
    /// </summary>
    /// <param name="seen">What is there.</param>
    /// <param name="promoting">The promotion, before the old version's pods go.</param>
    public static Rollback? Collapse(Observation seen, Promoting promoting) =>
        seen.Replicas > 0 && Serving(seen, promoting) == 0 && seen.Find(promoting.Canary) is not { Ready: > 0 } && seen.Find(promoting.Stable) is { Ready: > 0 }
            ? NoReadyPods(seen, promoting.Canary, 100, seen.Replicas)
            : null;

    /// <summary>When pods that are still missing count against the canary; null where that moment has passed or nothing is missing.</summary>
    /// <param name="seen">What is there.</param>
    /// <param name="step">The step.</param>
    public static DateTimeOffset? Deadline(Observation seen, Progressing step)
    {
        var since = step.Stage is StepStage.Previewing or StepStage.Raising ? step.Since : seen.Find(step.Canary)?.Trouble?.Since;
        var deadline = since + seen.Spec.ProgressDeadline;
        return deadline > seen.Now && !step.Frozen ? deadline : null;
    }

    /// <summary>Ready pods of the canary that traffic can reach.</summary>
    public static int Serving(Observation seen, InFlight flight) => seen.Traffic is { } traffic && flight.IsRouted
        ? traffic.CanaryReady(flight.Canary)
        : seen.Find(flight.Canary)?.Ready ?? 0;

    /// <summary>A weight for a Service that selects another revision, or that is gone, says nothing against this one.</summary>
    private static bool CarriesTraffic(Observation seen, Progressing step) => step.IsRouted
        ? seen.Traffic is { ReachesCanary: true } traffic && traffic.CanarySelects == step.Canary
        : step.IsJudged;

    private static Rollback Late(Observation seen, Progressing step, RevisionSet? set, int available, int needed) => Failed(
        seen, step.Canary, step.Weight, set?.Trouble is { } trouble ? Reason(trouble) : RollbackReasons.ProgressDeadlineExceeded,
        $"{available} of {Count.Pods(needed)} became available within progressDeadline ({GatewayDuration.Format(seen.Spec.ProgressDeadline)})",
        set?.Trouble, $"{available} of {needed} available");

    private static Rollback NoReadyPods(Observation seen, string canary, int weight, int needed) =>
        Failed(seen, canary, weight, RollbackReasons.NoReadyPods, "no pod of it is ready, and it carries traffic", seen.Find(canary)?.Trouble, $"0 of {needed} ready");

    private static Rollback Failed(Observation seen, string canary, int weight, string reason, string message, PodTrouble? trouble, string value) => new()
    {
        Revision = canary,
        Check = Check,
        Reason = reason,
        Message = trouble is null ? $"at {weight} %: {message}" : $"at {weight} %: {message}; {trouble.Message}",
        Time = seen.Now,
        Value = value,
        Threshold = $"within {GatewayDuration.Format(seen.Spec.ProgressDeadline)}",
    };

    private static string Reason(PodTrouble trouble) => trouble.Kind switch
    {
        PodTroubleKind.ImagePull => RollbackReasons.ImagePull,
        PodTroubleKind.CrashLoop => RollbackReasons.CrashLoop,
        PodTroubleKind.Unschedulable => RollbackReasons.Unschedulable,
        PodTroubleKind.ProbeFailing => RollbackReasons.ProbeFailing,
        _ => RollbackReasons.ProgressDeadlineExceeded,
    };
}
