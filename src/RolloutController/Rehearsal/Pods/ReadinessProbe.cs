using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Pods;

/// <summary>When a kubelet sees what a pod has come to: its readiness probes tell, with the defaults of the API.</summary>
/// <param name="InitialDelay">How long after the start of a container it is probed first.</param>
/// <param name="Period">How long after one probe the next is.</param>
/// <param name="Successes">How many probes in a row have to succeed.</param>
/// <param name="Failures">How many probes in a row have to fail.</param>
internal sealed record ReadinessProbe(TimeSpan InitialDelay, TimeSpan Period, int Successes, int Failures)
{
    /// <summary>The slowest probe of a pod's containers; null where none is probed.</summary>
    public static ReadinessProbe? Of(StoredObject pod) => pod.Json.Items("spec", "containers")
        .Select(container => container.At("readinessProbe"))
        .Where(probe => probe is not null)
        .Select(probe => new ReadinessProbe(
            TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0),
            TimeSpan.FromSeconds(probe.Number("periodSeconds") ?? 10),
            (int)(probe.Number("successThreshold") ?? 1),
            (int)(probe.Number("failureThreshold") ?? 3)))
        .MaxBy(probe => probe.InitialDelay + (probe.Period * probe.Failures));

    /// <summary>How long after its start a container is seen ready that can serve after <paramref name="startUp"/>.</summary>
    public TimeSpan ReadyAfter(TimeSpan startUp)
    {
        var missed = startUp <= InitialDelay ? 0 : (long)Math.Ceiling((startUp - InitialDelay) / Period);
        return InitialDelay + (Period * (missed + Successes - 1));
    }

    /// <summary>How long it takes until a container is seen unready that stopped to serve.</summary>
    public TimeSpan UnreadyAfter => Period * Failures;
}
