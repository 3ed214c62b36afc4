using System.Text.Json.Nodes;

namespace RolloutController.Cli.Converting;

/// <summary>A webhook of a Canary of Flagger. Fields by its <c>pkg/apis/flagger/v1beta1/canary.go</c> (CanaryWebhook).</summary>
/// <param name="draft">The Rollout.</param>
/// <param name="webhook">The webhook.</param>
internal sealed class FlaggerWebhook(RolloutDraft draft, FieldReader webhook)
{
    private const int MostParameters = 20;
    private const int LongestParameter = 256;

    private readonly string _name = webhook.Text("name") ?? "webhook";

    /// <summary>Those that are asked whether it may go on become hooks; the others are told.</summary>
    public void Convert()
    {
        foreach (var field in new[] { "timeout", "muteAlert", "retries", "disableTLS", "url" })
            webhook.Node(field);
        switch (webhook.Text("type"))
        {
            case "confirm-rollout":
                Ask(draft.Gates);
                break;
            case "confirm-traffic-increase" or "rollback":
                Ask(draft.Checks);
                break;
            case var type:
                webhook.Node("metadata");
                draft.Note(webhook.Path, $"{_name}: {Instead(type)}");
                break;
        }
    }

    private static string Instead(string? type) => type switch
    {
        "pre-rollout" => "write it as a gate with a job that runs afterPods, which asks the new version before anybody else does (docs/checks.md)",
        "confirm-promotion" => "write pause: true at the step that is to wait",
        "event" or "post-rollout" => "who runs the controller names sinks for all Rollouts (docs/notifications.md)",
        _ => "requests for a test have to come from elsewhere; what it finds out can be a check with a job or a hook (docs/checks.md)",
    };

    private void Ask(JsonArray into)
    {
        var hook = new JsonObject { ["name"] = ForeignText.CheckName(_name) };
        var parameters = (webhook.Node("metadata") as JsonObject ?? []).Where(entry => entry.Value is JsonValue value && value.TryGetValue<string>(out var text) && text.Length <= LongestParameter)
            .Take(MostParameters).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())).ToList();
        if (parameters.Count > 0)
            hook["parameters"] = new JsonObject(parameters);
        draft.Add(into, new JsonObject { ["name"] = ForeignText.CheckName(_name), ["hook"] = hook });
        draft.Note(webhook.PathOf("url"), $"{ForeignQuery.Shown(webhook.Text("url") ?? "")} is for who runs the controller to set up as hook {hook["name"]}; a status alone is no answer: it answers proceed, hold or rollback (docs/settings.md)");
    }
}
