using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>What the status of a HorizontalPodAutoscaler says.</summary>
/// <param name="now">The time.</param>
internal sealed class AutoscalerReport(DateTimeOffset now)
{
    private readonly List<(string Type, bool Value, string Reason, string Message)> _conditions =
    [
        ("AbleToScale", true, "ReadyForNewScale", "recommended size matches current size"),
        ("ScalingActive", true, "ValidMetricFound", "the HPA was able to successfully calculate a replica count from cpu resource utilization (percentage of request)"),
        ("ScalingLimited", false, "DesiredWithinRange", "the desired count is within the acceptable range"),
    ];

    private int? _utilization;

    /// <summary>The replicas that there are to be.</summary>
    public int Current { get; set; }

    /// <summary>The replicas that there ought to be.</summary>
    public int Desired { get; set; }

    /// <summary>Whether that was asked for just now.</summary>
    public bool Scaled { get; set; }

    public void Utilization(int percent) => _utilization = percent;

    public void NoTarget(string? kind, string? name) => Set("AbleToScale", false, "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {kind} \"{name}\" not found");

    public void Disabled() => Set("ScalingActive", false, "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");

    public void NoMetric(string message) => Set("ScalingActive", false, "FailedGetResourceMetric", $"the HPA was unable to compute the replica count: {message}");

    /// <summary>Notes which limit holds the count.</summary>
    public void Limit(int wanted, int fewest, int most)
    {
        if (wanted < fewest)
            Set("ScalingLimited", true, "TooFewReplicas", "the desired replica count is less than the minimum replica count");
        else if (wanted > most)
            Set("ScalingLimited", true, "TooManyReplicas", "the desired replica count is more than the maximum replica count");
    }

    /// <summary>Writes the status.</summary>
    public void Write(JsonObject autoscaler)
    {
        var status = autoscaler.Within("status");
        status["currentReplicas"] = Current;
        status["desiredReplicas"] = Desired;
        if (Scaled)
            status["lastScaleTime"] = KubernetesTime.Format(now);
        if (_utilization is { } percent)
        {
            status["currentMetrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["current"] = new JsonObject { ["averageUtilization"] = percent } },
            });
        }

        foreach (var (type, value, reason, message) in _conditions)
            StatusConditions.Set(status, now, type, value ? "True" : "False", reason, message);
    }

    private void Set(string type, bool value, string reason, string message) =>
        _conditions[_conditions.FindIndex(condition => condition.Type == type)] = (type, value, reason, message);
}
