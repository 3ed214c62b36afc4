using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Notifications;
using RolloutController.Planning;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Notifications;

/// <summary>What reaches a server, and what is done when it does not take it.</summary>
[CancelAfter(60_000)]
internal sealed class SinkTests
{
    private static readonly SinkOptions Webhook = new("hook", SinkKind.Webhook);

    [Test]
    public async Task A_webhook_gets_a_signed_body_with_its_credentials()
    {
        await using var bed = new NotifierBed();
        var key = bed.Folder.Write("key", "sesame\n");
        var server = await bed.AddAsync(Webhook with { BearerTokenFile = bed.Folder.Write("token", "t0ken\n"), SigningKeyFile = key });

        bed.Tell(Told.RolledBack);
        var asked = await FirstAsync(bed, server);

        Assert.That((asked.Method, asked.Path), Is.EqualTo(("POST", "/hook")));
        Assert.That(asked.Headers.ContentType.ToString(), Is.EqualTo("application/json"));
        Assert.That(asked.Headers.Authorization.ToString(), Is.EqualTo("Bearer t0ken"));
        Assert.That(asked.Headers["Idempotency-Key"].ToString(), Is.EqualTo(Told.RolledBack.Id));
        Assert.That(asked.Headers["X-Rollout-Signature"].ToString(),
            Is.EqualTo("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData("sesame"u8, Encoding.UTF8.GetBytes(asked.Body)))));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), WebhookMessage.Of(Told.RolledBack)), Is.True, asked.Body);
    }

    [Test]
    public async Task The_address_comes_from_a_file_that_is_read_for_each_message()
    {
        await using var bed = new NotifierBed();
        var file = bed.Folder.Write("url", "not yet");
        var server = await bed.AddAsync(new SinkOptions("chat", SinkKind.Slack) { UrlFile = file });
        bed.Tell(Told.RolledBack);
        await bed.UntilAsync(() => bed.Clock.GetUtcNow() > Told.Time.AddSeconds(5), "some tries");
        bed.Folder.Write("url", $"{server.Address}services/T1/s3cret\n");

        var asked = await FirstAsync(bed, server);

        Assert.That(asked.Path, Is.EqualTo("/services/T1/s3cret"));
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), SlackMessage.Of(Told.RolledBack)), Is.True, asked.Body);
        Assert.That(asked.Headers.Keys, Has.None.EqualTo("Idempotency-Key"));
    }

    [Test]
    public async Task Teams_gets_its_card()
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(new SinkOptions("chat", SinkKind.Teams));
        bed.Tell(Told.RolledBack);

        Assert.That(JsonNode.DeepEquals(JsonNode.Parse((await FirstAsync(bed, server)).Body), TeamsMessage.Of(Told.RolledBack)), Is.True);
    }

    [Test]
    public async Task PagerDuty_gets_the_routing_key_and_the_end_of_an_alert_though_that_is_only_information()
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(new SinkOptions("duty", SinkKind.PagerDuty) { RoutingKeyFile = bed.Folder.Write("routing", "r0uting") });
        bed.Tell(Told.RolledBack, Told.Of(Severity.P3, "RolloutStarted"), Told.Of(Severity.P3, "Superseded"));
        await bed.UntilAsync(() => server.Requests.Count == 3, "a trigger and two resolves");

        var events = server.Requests.Select(asked => JsonNode.Parse(asked.Body)!).ToList();
        Assert.That(events.Select(sent => (string)sent["routing_key"]!), Is.All.EqualTo("r0uting"));
        Assert.That(events.Select(sent => $"{sent["event_action"]} {sent["dedup_key"]}"),
            Is.EqualTo(new[] { "trigger rollout/u1/P1", "resolve rollout/u1/P1", "resolve rollout/u1/P2" }));
    }

    [TestCase(429)]
    [TestCase(500)]
    [TestCase(503)]
    public async Task What_may_be_taken_later_is_sent_again(int status)
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(Webhook, status, status, status);
        bed.Tell(Told.RolledBack);

        var took = await bed.UntilAsync(() => server.Requests.Count == 4, "the fourth try");

        Assert.That(took, Is.GreaterThan(TimeSpan.FromSeconds(2)), "with growing waits");
        Assert.That(server.Requests.Select(asked => asked.Body).Distinct().Count(), Is.EqualTo(1));
    }

    [TestCase(400, "answered with status 400")]
    [TestCase(404, "answered with status 404")]
    [TestCase(302, "redirects, which is not followed")]
    public async Task A_refusal_is_not_repeated_and_the_next_one_is_sent(int status, string why)
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(Webhook, status);
        bed.Tell(Told.RolledBack, Told.Of(Severity.P2, "Next"));
        await bed.UntilAsync(() => server.Requests.Count == 2, "the next one");

        Assert.That((string)JsonNode.Parse(server.Requests.Last().Body)!["reason"]!, Is.EqualTo("Next"));
        Assert.That(bed.Log.Lines, Has.One.Contains($"Notification sink hook: RolledBack of default/shop is not sent: {why}"));
    }

    [Test]
    public async Task It_waits_as_long_as_the_server_asks()
    {
        await using var bed = new NotifierBed();
        var calls = 0;
        var server = await bed.AddAsync(Webhook, context =>
        {
            context.Response.Headers.RetryAfter = "30";
            return context.Json("{}", Interlocked.Increment(ref calls) == 1 ? 429 : 200);
        });
        bed.Tell(Told.RolledBack);
        await Eventually.Holds(() => server.Requests.Count == 1, "the first try");
        await Eventually.Settle();

        Assert.That(await bed.UntilAsync(() => server.Requests.Count == 2, "the second try", milliseconds: 50), Is.GreaterThan(TimeSpan.FromSeconds(29)));
    }

    [Test]
    public async Task A_sink_that_hangs_is_asked_again_after_ten_seconds()
    {
        await using var bed = new NotifierBed();
        var calls = 0;
        var server = await bed.AddAsync(Webhook, async context =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, bed.Clock, context.RequestAborted);
        });
        bed.Tell(Told.RolledBack);
        await bed.UntilAsync(() => server.Requests.Count == 2, "the second try");

        Assert.That(bed.Log.Lines, Is.Empty);
    }

    [Test]
    public async Task No_secret_is_logged_whatever_goes_wrong()
    {
        await using var bed = new NotifierBed();
        var url = bed.Folder.Write("url", "http://127.0.0.1:1/s3cret-path");
        var token = bed.Folder.Write("token", "s3cret-token");
        await bed.AddAsync(Webhook with { UrlFile = url, BearerTokenFile = token });
        await bed.AddAsync(Webhook with { Name = "refusing", BearerTokenFile = token }, context => context.Json("secret words of the server", 400));
        await bed.AddAsync(Webhook with { Name = "wrong", UrlFile = bed.Folder.Write("wrong", "s3cret no address") });
        await bed.AddAsync(Webhook with { Name = "unfit", BearerTokenFile = bed.Folder.Write("unfit", "s3cret-ключ") });
        bed.Tell(Told.RolledBack);
        await bed.UntilAsync(() => bed.Log.Lines.Count == 4, "all to give up", milliseconds: 500);

        Assert.That(bed.Log.Lines, Has.All.Contains("RolledBack of default/shop is not sent").And.None.Contains("s3cret").And.None.Contains("secret words"));
    }

    [Test]
    public async Task What_waits_at_the_end_is_sent_and_a_dead_sink_does_not_hold_the_end_up()
    {
        await using var bed = new NotifierBed();
        var good = await bed.AddAsync(Webhook);
        await bed.AddAsync(Webhook with { Name = "dead" }, context => Task.Delay(Timeout.InfiniteTimeSpan, bed.Clock, context.RequestAborted));
        bed.Tell([.. Enumerable.Range(0, 5).Select(number => Told.Of(Severity.P2, $"N{number}"))]);
        var began = bed.Clock.GetUtcNow();

        await bed.StopAsync();

        Assert.That(good.Requests, Has.Count.EqualTo(5));
        Assert.That(bed.Clock.GetUtcNow() - began, Is.LessThan(TimeSpan.FromSeconds(4)));
        Assert.That(bed.Log.Lines, Has.Exactly(5).Contains("sink dead").And.All.Contains("the process ends"));
    }

    private static async Task<TestApi.Asked> FirstAsync(NotifierBed bed, TestApi server)
    {
        await bed.UntilAsync(() => !server.Requests.IsEmpty, string.Create(CultureInfo.InvariantCulture, $"a request after {bed.Log.Lines.Count} complaints"));
        return server.Requests.First();
    }
}
