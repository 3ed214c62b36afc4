using System.Text.Json.Nodes;
using RolloutController.Kubernetes;

namespace RolloutController.Rehearsal;

/// <summary>Writes conditions into a list of them: the time of the last transition changes only with the status of the condition.</summary>
internal static class StatusConditions
{
    /// <summary>Sets a condition.</summary>
    /// <param name="status">What has <c>conditions</c>.</param>
    /// <param name="now">The time.</param>
    /// <param name="type">Which condition.</param>
    /// <param name="value"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
    /// <param name="reason">Why, in one word; null to leave it out.</param>
    /// <param name="message">Why, for a person; null to leave it out.</param>
    /// <returns>The condition.</returns>
    public static JsonObject Set(JsonObject status, DateTimeOffset now, string type, string value, string? reason = null, string? message = null)
    {
        if (status["conditions"] is not JsonArray conditions)
            status["conditions"] = conditions = [];
        if (conditions.FirstOrDefault(one => one.Text("type") == type) is not JsonObject condition)
            conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        if (condition.Text("status") != value)
            condition["lastTransitionTime"] = KubernetesTime.Format(now);
        condition["status"] = value;
        SetText(condition, "reason", reason);
        SetText(condition, "message", message);
        return condition;
    }

    /// <summary>Removes a condition.</summary>
    public static void Remove(JsonObject status, string type)
    {
        if (status["conditions"] is not JsonArray conditions || conditions.FirstOrDefault(one => one.Text("type") == type) is not { } condition)
            return;
        conditions.Remove(condition);
        if (conditions.Count == 0)
            status.Remove("conditions");
    }

    private static void SetText(JsonObject condition, string field, string? text)
    {
        if (text is null)
            condition.Remove(field);
        else
            condition[field] = text;
    }
}
