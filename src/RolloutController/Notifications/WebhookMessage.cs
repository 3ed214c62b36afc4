using System.Text.Json;
using System.Text.Json.Nodes;
using RolloutController.Api;

namespace RolloutController.Notifications;

/// <summary>Our own JSON, for programs. New fields may be added to version v1; none goes and none changes its meaning.</summary>
internal static class WebhookMessage
{
    /// <summary>Writes it.</summary>
    public static JsonObject Of(Notification told)
    {
        var message = new JsonObject
        {
            ["version"] = "v1",
            ["id"] = told.Id,
            ["time"] = Time(told.Time),
            ["severity"] = told.Notice.Severity.ToString(),
            ["reason"] = told.Notice.Reason.Word,
            ["rollout"] = new JsonObject { ["namespace"] = told.Namespace, ["name"] = told.Name },
            ["revision"] = told.Revision,
            ["stableRevision"] = told.Status.StableRevision,
            ["images"] = new JsonArray([.. told.Images.Select(image => JsonValue.Create(image))]),
            ["step"] = told.Status.Step,
            ["weight"] = told.Status.Weight,
            ["phase"] = told.Status.Phase.ToString(),
            ["message"] = told.Notice.Message,
        };
        if (told.Notice.Rollback is { } rollback)
            message["rollback"] = JsonSerializer.SerializeToNode(rollback, ApiJson.Default.Rollback);
        return message;
    }

    /// <summary>A moment as JSON carries it.</summary>
    public static string Time(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
