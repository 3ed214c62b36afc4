using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// Scales what HorizontalPodAutoscalers point at, as <c>k8s.io/kubernetes/pkg/controller/podautoscaler</c> does for CPU utilization. What
/// pods use is taken to be just what the autoscaler aims at when the rehearsal begins; from then on it follows their load.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="load">The load of pods; null to keep only to the limits.</param>
public sealed class HorizontalPodAutoscalerController(EmbeddedCluster cluster, IPodLoad? load)
{
    private const string Plural = "horizontalpodautoscalers";
    private const double Tolerance = 0.1;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    // What was recommended lately: pods are taken away only where all of it says so.
    private readonly Dictionary<ObjectKey, List<(DateTimeOffset At, int Replicas)>> _recommended = [];

    private DateTimeOffset Now => cluster.Clock.GetUtcNow();

    /// <summary>Works until it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var autoscaler in cluster.List(Plural))
                Reconcile(autoscaler);
            await Task.Delay(Period, cluster.Clock, cancellationToken);
        }
    }

    private void Reconcile(StoredObject autoscaler)
    {
        var report = new AutoscalerReport(Now);
        if (ScaleTarget.Find(cluster, autoscaler) is { } target)
            Scale(autoscaler, target, report);
        else
            report.NoTarget(autoscaler.Json.Text("spec", "scaleTargetRef", "kind"), autoscaler.Json.Text("spec", "scaleTargetRef", "name"));
        cluster.Change(Plural, autoscaler.Namespace, autoscaler.Name, report.Write, "status");
    }

    private void Scale(StoredObject autoscaler, ScaleTarget target, AutoscalerReport report)
    {
        report.Current = report.Desired = target.Replicas;
        if (target.Replicas == 0)
        {
            report.Disabled();
            return;
        }

        var wanted = Recommend(autoscaler, target, report);
        var fewest = (int)(autoscaler.Json.Number("spec", "minReplicas") ?? 1);
        var most = Math.Max(fewest, autoscaler.Json.Integer("spec", "maxReplicas"));
        // The default policy for scaling up: at the most twice as many, or four more, in a period.
        var pace = Math.Max(2 * target.Replicas, target.Replicas + 4);
        report.Desired = Math.Clamp(Math.Min(Stabilized(autoscaler, wanted), pace), fewest, most);
        report.Limit(wanted, fewest, most);
        if (report.Desired == target.Replicas)
            return;
        target.Scale(cluster, report.Desired);
        report.Scaled = true;
    }

    /// <summary>How many replicas the load asks for.</summary>
    private int Recommend(StoredObject autoscaler, ScaleTarget target, AutoscalerReport report)
    {
        if (load is null || Goal(autoscaler) is not { } goal)
            return target.Replicas;
        var pods = target.Pods(cluster);
        if (pods.FirstOrDefault(LacksRequest) is { } without)
        {
            report.NoMetric($"failed to get cpu utilization: missing request for cpu in a container of Pod {without.Name}");
            return target.Replicas;
        }

        var ready = pods.Where(PodReading.IsReady).Select(load.LoadOf).ToList();
        if (ready.Count == 0 || ready.Any(one => one is null))
        {
            report.NoMetric("failed to get cpu utilization: no metrics returned from resource metrics API");
            return target.Replicas;
        }

        var sum = ready.Sum(one => one!.Value);
        report.Utilization((int)Math.Round(goal * sum / ready.Count));
        // Pods that are not ready count as idle where there seem to be too few.
        var counted = sum > ready.Count ? pods.Count : ready.Count;
        var ratio = sum / counted;
        return Math.Abs(ratio - 1) <= Tolerance || (sum > ready.Count && ratio < 1) ? target.Replicas : (int)Math.Ceiling(Math.Round(ratio * counted, 6));
    }

    /// <summary>The most that was recommended over the time for which it is waited before pods go, five minutes where nothing is said.</summary>
    private int Stabilized(StoredObject autoscaler, int wanted)
    {
        var window = TimeSpan.FromSeconds(autoscaler.Json.Number("spec", "behavior", "scaleDown", "stabilizationWindowSeconds") ?? 300);
        if (!_recommended.TryGetValue(autoscaler.Key(), out var recommended))
            _recommended[autoscaler.Key()] = recommended = [];
        recommended.RemoveAll(one => one.At < Now - window);
        recommended.Add((Now, wanted));
        return recommended.Max(one => one.Replicas);
    }

    /// <summary>The CPU utilization that is aimed at, in percent; null where the autoscaler goes by something else.</summary>
    private static long? Goal(StoredObject autoscaler) => autoscaler.Json.Items("spec", "metrics")
        .Where(metric => metric.Text("resource", "name") == "cpu")
        .Select(metric => metric.Number("resource", "target", "averageUtilization"))
        .FirstOrDefault(goal => goal is not null);

    private static bool LacksRequest(StoredObject pod) =>
        pod.Json.Items("spec", "containers").Any(container => container.At("resources", "requests", "cpu") is null && container.At("resources", "limits", "cpu") is null);
}
