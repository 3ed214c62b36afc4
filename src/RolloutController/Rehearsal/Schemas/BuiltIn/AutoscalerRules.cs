using System.Text.Json.Nodes;
using RolloutController.Rehearsal.Cluster;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>Defaults and judges HorizontalPodAutoscalers.</summary>
internal static class AutoscalerRules
{
    /// <summary>Percent of the requested processor time.</summary>
    private const int Utilization = 80;

    /// <summary>Writes the defaults.</summary>
    public static void Default(JsonObject spec, string version)
    {
        spec.Or("minReplicas", 1);
        if (version == "v1")
            spec.Or("targetCPUUtilizationPercentage", Utilization);
        else if (!spec.Items("metrics").Any())
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = Utilization } },
            });
    }

    /// <summary>Judges one.</summary>
    public static IEnumerable<FieldProblem> Check(JsonObject spec, string version)
    {
        var least = spec.Number("minReplicas") ?? 1;
        var most = spec.Number("maxReplicas") ?? 0;
        if (least < 1)
            yield return FieldProblems.Invalid("spec.minReplicas", least, "must be greater than or equal to 1");
        if (least == 0)
            yield return FieldProblems.Forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas");
        if (most < 1)
            yield return FieldProblems.Invalid("spec.maxReplicas", most, "must be greater than 0");
        if (most < least)
            yield return FieldProblems.Invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
        foreach (var problem in Checks.Required(spec.Object("scaleTargetRef") ?? [], "kind", "spec.scaleTargetRef").Concat(Checks.Required(spec.Object("scaleTargetRef") ?? [], "name", "spec.scaleTargetRef")))
            yield return problem;
        if (version == "v1" && spec.Number("targetCPUUtilizationPercentage") is { } target and < 1)
            yield return FieldProblems.Invalid("spec.metrics[0].resource.target.averageUtilization", target, "must be greater than 0");
    }
}
