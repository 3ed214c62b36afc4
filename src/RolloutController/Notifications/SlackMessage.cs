using System.Text;
using System.Text.Json.Nodes;

namespace RolloutController.Notifications;

/// <summary>
/// A message of an incoming webhook: a text for where blocks are not shown, and blocks.
/// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
/// </summary>
internal static class SlackMessage
{
    // A text object holds at most 3,000 characters. https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    private const int MaxText = 3000;

    /// <summary>Writes it.</summary>
    public static JsonObject Of(Notification told) => new()
    {
        ["text"] = Escaped($"{Wording.Title(told)}: {told.Notice.Message}"),
        ["blocks"] = new JsonArray(
            new JsonObject { ["type"] = "section", ["text"] = Text($"*{Wording.Title(told)}*\n{told.Notice.Message}") },
            new JsonObject { ["type"] = "context", ["elements"] = new JsonArray(Text(Wording.Place(told))) }),
    };

    // Verbatim: what looks like a channel, a person or an address in a pod's message does not become a link.
    private static JsonObject Text(string text) => new() { ["type"] = "mrkdwn", ["text"] = Escaped(text), ["verbatim"] = true };

    /// <summary>The three characters that mean something to Slack are written as entities, so that a message from a pod cannot call a whole channel.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder();
        foreach (var letter in text)
        {
            var written = letter switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", _ => letter.ToString() };
            if (escaped.Length + written.Length >= MaxText)
                return escaped.Append('…').ToString();
            escaped.Append(written);
        }

        return escaped.ToString();
    }
}
