using System.Text.Json.Nodes;
using RolloutController.Kubernetes;
using static RolloutController.Rehearsal.Controllers.DeploymentRevisions;

namespace RolloutController.Rehearsal.Controllers;

/// <summary>
/// What the status of a Deployment says: <c>syncRolloutStatus</c> and <c>calculateStatus</c> in <c>k8s.io/kubernetes/pkg/controller/deployment</c>.
/// </summary>
/// <param name="deployment">The Deployment that was acted on.</param>
/// <param name="revisions">Its ReplicaSets.</param>
/// <param name="now">The time.</param>
internal sealed class DeploymentStatusReport(DeploymentRead deployment, DeploymentRevisions revisions, DateTimeOffset now)
{
    private const string Progressing = "Progressing";

    private readonly string _what = revisions.New is { } current ? $"ReplicaSet \"{current.Name}\"" : $"Deployment \"{deployment.Object.Name}\"";

    /// <summary>When the progress is late; null where nothing is waited for.</summary>
    public DateTimeOffset? LateAt { get; private set; }

    /// <summary>Writes the status.</summary>
    /// <param name="json">The Deployment.</param>
    /// <param name="rolling">Whether pods are moved from one ReplicaSet to another, be it that there is nothing left to move; else it only scales.</param>
    public void Write(JsonObject json, bool rolling)
    {
        if (json.Text("metadata", "uid") != deployment.Object.Uid)
            return;
        var status = json.Within("status");
        var before = status.DeepClone();
        status["observedGeneration"] = deployment.Object.Generation();
        status.SetCount("replicas", Sum("replicas"));
        status.SetCount("updatedReplicas", revisions.New?.Json.Number("status", "replicas") ?? 0);
        status.SetCount("readyReplicas", Sum("readyReplicas"));
        status.SetCount("availableReplicas", Sum("availableReplicas"));
        status.SetCount("unavailableReplicas", Math.Max(0, revisions.All.Sum(Wanted) - Sum("availableReplicas")));
        Availability(status);
        if (deployment.IsPaused)
            Pause(status, "DeploymentPaused", "Deployment is paused");
        else if (Reason(status) == "DeploymentPaused")
            Pause(status, "DeploymentResumed", "Deployment is resumed");
        if (rolling)
            Progress(status, before);
    }

    private void Availability(JsonObject status)
    {
        var enough = Sum("availableReplicas") >= deployment.Replicas - deployment.MaxUnavailable;
        Set(status, "Available", enough ? "True" : "False", enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
    }

    private void Pause(JsonObject status, string reason, string message)
    {
        if (Reason(status) != "ProgressDeadlineExceeded")
            Set(status, Progressing, "Unknown", reason, message);
    }

    private void Progress(JsonObject status, JsonNode before)
    {
        // What was complete once stays so, whatever becomes of its pods.
        var wasComplete = Reason(status) == "NewReplicaSetAvailable";
        if (wasComplete && status.Integer("replicas") == status.Integer("updatedReplicas"))
            return;
        if (status.Integer("updatedReplicas") == deployment.Replicas && status.Integer("replicas") == deployment.Replicas && status.Integer("availableReplicas") == deployment.Replicas)
        {
            Set(status, Progressing, "True", "NewReplicaSetAvailable", $"{_what} has successfully progressed.");
            return;
        }

        var condition = Condition(status);
        if (condition is null || wasComplete || HasMoved(status, before))
        {
            condition = Set(status, Progressing, "True", "ReplicaSetUpdated", $"{_what} is progressing.");
            condition["lastUpdateTime"] = KubernetesTime.Format(now);
        }

        var lateAt = (condition.Time("lastUpdateTime") ?? now) + deployment.ProgressDeadline;
        if (now < lateAt)
            LateAt = lateAt;
        else
            Set(status, Progressing, "False", "ProgressDeadlineExceeded", $"{_what} has timed out progressing.");
    }

    private static bool HasMoved(JsonObject status, JsonNode before) =>
        status.Integer("updatedReplicas") > before.Integer("updatedReplicas")
        || status.Integer("replicas") - status.Integer("updatedReplicas") < before.Integer("replicas") - before.Integer("updatedReplicas")
        || status.Integer("readyReplicas") > before.Integer("readyReplicas")
        || status.Integer("availableReplicas") > before.Integer("availableReplicas");

    private JsonObject Set(JsonObject status, string type, string value, string reason, string message)
    {
        var before = status.Items("conditions").FirstOrDefault(one => one.Text("type") == type)?.DeepClone();
        var condition = StatusConditions.Set(status, now, type, value, reason, message);
        if (before.Text("status") != value || before.Text("reason") != reason || condition["lastUpdateTime"] is null)
            condition["lastUpdateTime"] = KubernetesTime.Format(now);
        return condition;
    }

    private static JsonObject? Condition(JsonObject status) =>
        status.Items("conditions").FirstOrDefault(one => one.Text("type") == Progressing) as JsonObject;

    private static string? Reason(JsonObject status) => Condition(status).Text("reason");

    private int Sum(string field) => revisions.All.Sum(set => set.Json.Integer("status", field));
}
