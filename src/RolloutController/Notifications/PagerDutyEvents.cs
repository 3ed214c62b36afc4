using System.Text.Json.Nodes;
using RolloutController.Planning;

namespace RolloutController.Notifications;

/// <summary>
/// Events API v2. A Rollout has one alert for each severity, so that a worse turn calls anew and the same does not; its key needs no memory, and
/// any later process can resolve it. An event that resolves an alert which is not open is dropped.
/// https://developer.pagerduty.com/docs/send-alert-event
/// </summary>
internal static class PagerDutyEvents
{
    /// <summary>Where events are taken.</summary>
    public static readonly Uri Address = new("https://events.pagerduty.com/v2/enqueue");

    private const int MaxSummary = 1024;

    /// <summary>Writes the events, but for the routing key: one that triggers an alert, or those that resolve what a turn for the better ends.</summary>
    /// <param name="told">What happened.</param>
    /// <param name="least">The least severe that there are alerts of.</param>
    public static IEnumerable<JsonObject> Of(Notification told, Severity least) => told.Notice.IsWarning
        ? [Trigger(told)]
        : Ended(told.Notice.Reason).Where(severity => severity <= least).Select(severity => Event("resolve", told, severity));

    /// <summary>Whether it ends an alert though it is only information.</summary>
    public static bool Resolves(Notification told, Severity least) => !told.Notice.IsWarning && Ended(told.Notice.Reason).Any(severity => severity <= least);

    /// <summary>The alerts that end when it goes well. A new version ends the matter of the one before, but not an outage.</summary>
    private static IReadOnlyList<Severity> Ended(string reason) => reason switch
    {
        nameof(EventReason.Promoted) or nameof(EventReason.Deployed) or nameof(EventReason.Recovered) => [Severity.P0, Severity.P1, Severity.P2],
        nameof(EventReason.RolloutStarted) => [Severity.P1, Severity.P2],
        nameof(EventReason.TrafficRestored) => [Severity.P0, Severity.P2],
        nameof(EventReason.WeightSet) or nameof(EventReason.GatesPassed) or nameof(EventReason.Monitoring) or nameof(EventReason.OperationDone) or nameof(EventReason.Reverted) => [Severity.P2],
        _ => [],
    };

    private static JsonObject Trigger(Notification told)
    {
        var trigger = Event("trigger", told, told.Notice.Severity);
        trigger["client"] = "rollout-controller";
        trigger["payload"] = new JsonObject
        {
            ["summary"] = Wording.Cut($"{Wording.Title(told)}: {told.Notice.Message}", MaxSummary),
            ["source"] = told.Rollout,
            ["severity"] = told.Notice.Severity switch { Severity.P0 => "critical", Severity.P1 => "error", _ => "warning" },
            ["timestamp"] = WebhookMessage.Time(told.Time),
            ["component"] = told.Name,
            ["group"] = told.Namespace,
            ["class"] = told.Notice.Reason.Word,
            ["custom_details"] = WebhookMessage.Of(told),
        };
        return trigger;
    }

    private static JsonObject Event(string action, Notification told, Severity severity) => new()
    {
        ["event_action"] = action,
        ["dedup_key"] = $"rollout/{told.Uid}/{severity}",
    };
}
