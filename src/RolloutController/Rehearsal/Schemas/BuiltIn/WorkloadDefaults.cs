using System.Text.Json.Nodes;

namespace RolloutController.Rehearsal.Schemas.BuiltIn;

/// <summary>The defaults of ReplicaSets and Deployments.</summary>
internal static class WorkloadDefaults
{
    /// <summary>Writes those of a ReplicaSet.</summary>
    public static void OfReplicaSet(JsonObject spec)
    {
        spec.Or("replicas", 1);
        PodDefaults.OfTemplate(spec.Within("template").Within("spec"));
    }

    /// <summary>Writes those of a Deployment.</summary>
    public static void OfDeployment(JsonObject spec)
    {
        OfReplicaSet(spec);
        spec.Or("revisionHistoryLimit", 10);
        spec.Or("progressDeadlineSeconds", 600);
        var strategy = spec.Within("strategy");
        strategy.Or("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate")
            return;
        var rolling = strategy.Within("rollingUpdate");
        rolling.Or("maxUnavailable", "25%");
        rolling.Or("maxSurge", "25%");
    }
}
