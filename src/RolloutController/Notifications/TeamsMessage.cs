using System.Text.Json.Nodes;

namespace RolloutController.Notifications;

/// <summary>
/// An Adaptive Card in the envelope that a workflow of Teams takes ("when a Teams webhook request is received"). The texts are runs of
/// a RichTextBlock, which knows no Markdown: a message from a pod stays what it is.
/// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
/// </summary>
internal static class TeamsMessage
{
    // A message holds about 28 KB.
    private const int MaxText = 4000;

    /// <summary>Writes it.</summary>
    public static JsonObject Of(Notification told) => new()
    {
        ["type"] = "message",
        ["attachments"] = new JsonArray(new JsonObject
        {
            ["contentType"] = "application/vnd.microsoft.card.adaptive",
            ["contentUrl"] = null,
            ["content"] = new JsonObject
            {
                ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
                ["type"] = "AdaptiveCard",
                ["version"] = "1.2",
                ["body"] = new JsonArray(
                    Block(new JsonObject { ["text"] = Wording.Title(told), ["weight"] = "Bolder" }),
                    Block(new JsonObject { ["text"] = Wording.Cut(told.Notice.Message, MaxText) }),
                    Block(new JsonObject { ["text"] = Wording.Cut(Wording.Place(told), MaxText), ["isSubtle"] = true })),
            },
        }),
    };

    private static JsonObject Block(JsonObject run)
    {
        run["type"] = "TextRun";
        return new JsonObject { ["type"] = "RichTextBlock", ["inlines"] = new JsonArray(run) };
    }
}
