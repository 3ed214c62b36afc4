using RolloutController.Api;
using RolloutController.Kubernetes;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>Says what keeps pods from being ready, telling apart the causes that a person would treat differently.</summary>
public static class PodDiagnosis
{
    /// <summary>Restarts from which on a waiting container is called a crash loop; fewer can be a slow dependency.</summary>
    private const int CrashLoopRestarts = 3;

    private const int MaxMessage = 200;

    private static readonly string[] ImageReasons = ["ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"];

    /// <summary>The worst trouble among pods; null where all are ready.</summary>
    public static PodTrouble? Worst(IEnumerable<Pod> pods) => pods
        .Where(pod => pod.Metadata.DeletionTimestamp is null)
        .Select(Of)
        .OfType<PodTrouble>()
        .OrderByDescending(trouble => trouble.Kind)
        .ThenBy(trouble => trouble.Since)
        .FirstOrDefault();

    private static PodTrouble? Of(Pod pod)
    {
        var ready = pod.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready");
        if (ready?.Status == "True")
            return null;
        var since = ready?.LastTransitionTime ?? pod.Metadata.CreationTimestamp;
        var containers = pod.Status.InitContainerStatuses.Concat(pod.Status.ContainerStatuses).ToList();
        return containers.Select(container => Container(pod, container, since)).OfType<PodTrouble>().MaxBy(trouble => trouble.Kind)
            ?? Unscheduled(pod, since)
            ?? Unready(pod, containers, ready, since);
    }

    private static PodTrouble? Container(Pod pod, ContainerStatus container, DateTimeOffset since)
    {
        var waiting = container.State.Waiting;
        if (ImageReasons.Contains(waiting?.Reason))
            return Trouble(PodTroubleKind.ImagePull, pod, $"image of container {container.Name} cannot be pulled ({waiting!.Reason}: {waiting.Message})", since);
        if (waiting?.Reason == "CrashLoopBackOff" || (!container.Ready && container.RestartCount >= CrashLoopRestarts))
        {
            var last = container.LastState.Terminated ?? container.State.Terminated;
            var how = last is null ? "" : $", last exit {last.ExitCode} {last.Reason}";
            return Trouble(PodTroubleKind.CrashLoop, pod, $"container {container.Name} crashes again and again ({container.RestartCount} restarts{how})", since);
        }

        return null;
    }

    private static PodTrouble? Unscheduled(Pod pod, DateTimeOffset since) =>
        pod.Status.Conditions.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } scheduled
            ? Trouble(PodTroubleKind.Unschedulable, pod, $"cannot be scheduled ({scheduled.Message})", since)
            : null;

    private static PodTrouble Unready(Pod pod, List<ContainerStatus> containers, PodCondition? ready, DateTimeOffset since) =>
        ready is not null && containers.Any(container => container.State is { Waiting: null, Terminated: null } && !container.Ready)
            ? Trouble(PodTroubleKind.ProbeFailing, pod, "runs, but its readiness probe fails", since)
            : Trouble(PodTroubleKind.Starting, pod, "is starting", since);

    private static PodTrouble Trouble(PodTroubleKind kind, Pod pod, string message, DateTimeOffset since) =>
        new(kind, StatusBounds.Cut($"pod {pod.Metadata.Name} {message}", MaxMessage), since);
}
