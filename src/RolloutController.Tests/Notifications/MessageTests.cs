using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Notifications;
using RolloutController.Planning;

namespace RolloutController.Tests.Notifications;

/// <summary>The messages of each kind, to the letter: whoever receives them relies on it.</summary>
internal sealed class MessageTests
{
    [Test]
    public void A_webhook_gets_all_that_is_known() => Same(WebhookMessage.Of(Told.RolledBack), """
        {
          "version": "v1", "id": "ID", "time": "2026-03-05T10:00:00.250Z", "severity": "P1", "reason": "RolledBack",
          "rollout": {"namespace": "default", "name": "shop"},
          "revision": "b2", "stableRevision": "a1", "images": ["shop:2"], "step": "1/4", "weight": 5, "phase": "RollingBack",
          "message": "b2 is rolled back: at 5 %: <5 errors & more>",
          "rollback": {
            "revision": "b2", "check": "errorRate", "reason": "ErrorRateBreached", "message": "at 5 %: <5 errors & more>", "time": "2026-03-05T10:00:00.250Z",
            "value": "7.99 %", "threshold": "0.5 %", "requests": 288, "errors": 23
          }
        }
        """);

    [Test]
    public void Slack_gets_a_text_and_blocks_in_which_nothing_calls_anybody() => Same(SlackMessage.Of(Told.RolledBack), """
        {
          "text": "P1 RolledBack: default/shop: b2 is rolled back: at 5 %: &lt;5 errors &amp; more&gt;",
          "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": "*P1 RolledBack: default/shop*\nb2 is rolled back: at 5 %: &lt;5 errors &amp; more&gt;", "verbatim": true}},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "revision b2 · step 1/4, 5 % · shop:2", "verbatim": true}]}
          ]
        }
        """);

    [Test]
    public void A_text_for_Slack_is_cut_between_its_entities()
    {
        var text = (string)SlackMessage.Of(Told.Of(new Notice(EventReason.CheckWarning, new string('<', 5000), Severity.P2)))["blocks"]![0]!["text"]!["text"]!;

        Assert.That(text, Has.Length.LessThanOrEqualTo(3000).And.EndsWith("&lt;…"));
    }

    [Test]
    public void Teams_gets_an_adaptive_card() => Same(TeamsMessage.Of(Told.RolledBack), """
        {
          "type": "message",
          "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
            "content": {
              "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2",
              "body": [
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "P1 RolledBack: default/shop", "weight": "Bolder"}]},
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "b2 is rolled back: at 5 %: <5 errors & more>"}]},
                {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": "revision b2 · step 1/4, 5 % · shop:2", "isSubtle": true}]}
              ]
            }
          }]
        }
        """);

    [Test]
    public void PagerDuty_gets_an_alert()
    {
        var trigger = PagerDutyEvents.Of(Told.RolledBack, Severity.P2).Single();
        var details = trigger["payload"]!["custom_details"]!.DeepClone();
        trigger["payload"]!.AsObject().Remove("custom_details");

        Assert.That(JsonNode.DeepEquals(details, WebhookMessage.Of(Told.RolledBack)), Is.True);
        Same(trigger, """
            {
              "event_action": "trigger", "dedup_key": "rollout/u1/P1", "client": "rollout-controller",
              "payload": {
                "summary": "P1 RolledBack: default/shop: b2 is rolled back: at 5 %: <5 errors & more>",
                "source": "default/shop", "severity": "error", "timestamp": "2026-03-05T10:00:00.250Z",
                "component": "shop", "group": "default", "class": "RolledBack"
              }
            }
            """);
    }

    [TestCase("Promoted", Severity.P2, "P0 P1 P2")]
    [TestCase("Recovered", Severity.P1, "P0 P1", Description = "there are no alerts of P2")]
    [TestCase("RolloutStarted", Severity.P2, "P1 P2", Description = "an outage goes on")]
    [TestCase("TrafficRestored", Severity.P2, "P0 P2", Description = "that the version failed stays")]
    [TestCase("WeightSet", Severity.P2, "P2")]
    [TestCase("Superseded", Severity.P2, "")]
    public void A_turn_for_the_better_resolves_the_alerts_that_it_ends(string reason, Severity least, string ended) => Assert.That(
        PagerDutyEvents.Of(Told.Of(Severity.P3, reason), least).Select(resolve => resolve.ToJsonString()),
        Is.EqualTo(ended.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(severity => $$"""{"event_action":"resolve","dedup_key":"rollout/u1/{{severity}}"}""")));

    [Test]
    public void The_identity_is_that_of_the_matter_and_not_of_its_words()
    {
        var stalled = new Notice(EventReason.RolloutStalled, "0 of 3 ready", Severity.P2);
        var first = Told.Of(stalled);

        Assert.That(Told.Of(stalled with { Message = "1 of 3 ready" }).Id, Is.EqualTo(first.Id), "numbers move");
        Assert.That((first with { Time = Told.Time.AddMinutes(5) }).Id, Is.EqualTo(first.Id), "told by the next process");
        Assert.That(
            new[] { first, Told.Of(stalled, uid: "u2"), Told.Of(stalled, generation: 8), Told.Of(stalled with { Reason = EventReason.CheckWarning }), Told.Of(stalled, state: Retried()) }.Select(told => told.Id),
            Is.Unique, "another object, spec, reason or try");
        Assert.That(Told.Of(new Notice(EventReason.WeightSet, "5 %")).Id, Is.Not.EqualTo(Told.Of(new Notice(EventReason.WeightSet, "25 %")).Id), "two steps of one pass");
    }

    [Test]
    public void What_is_changed_in_a_copy_is_another_matter() =>
        Assert.That((Told.RolledBack with { Uid = "u2" }).Id, Is.Not.EqualTo(Told.RolledBack.Id));

    private static RollingBack Retried() => new("a1", "b2", null, ConclusionStage.Pinning, Told.Time.AddMinutes(1), RollbackCause.Failed);

    private static void Same(JsonObject written, string expected)
    {
        if (written.ContainsKey("id"))
            written["id"] = (string)written["id"]! == Told.RolledBack.Id ? "ID" : "another";
        Assert.That(JsonNode.DeepEquals(written, JsonNode.Parse(expected)), Is.True, written.ToJsonString());
    }
}
