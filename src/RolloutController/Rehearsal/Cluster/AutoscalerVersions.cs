using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Cluster;

/// <summary>HorizontalPodAutoscalers as <c>autoscaling/v2</c> has them, which is how they are stored, and as <c>autoscaling/v1</c> has them.</summary>
internal static class AutoscalerVersions
{
    public static JsonObject ToV2(JsonObject item)
    {
        var other = item.DeepClone().AsObject();
        other["apiVersion"] = "autoscaling/v2";
        if (other["spec"] is JsonObject spec && spec["targetCPUUtilizationPercentage"] is { } target)
        {
            spec.Remove("targetCPUUtilizationPercentage");
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = target.DeepClone() } },
            });
        }
        return other;
    }

    public static JsonObject FromV2(JsonObject item)
    {
        var other = item.DeepClone().AsObject();
        other["apiVersion"] = "autoscaling/v1";
        if (other["spec"] is JsonObject spec)
            Move(spec, "metrics", "target", spec, "targetCPUUtilizationPercentage");
        if (other["status"] is JsonObject status)
            Move(status, "currentMetrics", "current", status, "currentCPUUtilizationPercentage");
        return other;
    }

    private static void Move(JsonObject from, string list, string part, JsonObject to, string name)
    {
        var value = (from[list] as JsonArray)?.Select(metric => metric?["resource"]).FirstOrDefault(metric => (string?)metric?["name"] == "cpu")?[part]?["averageUtilization"];
        if (value is not null)
            to[name] = value.DeepClone();
        from.Remove(list);
    }
}
