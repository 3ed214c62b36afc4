using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Notifications;
using RolloutController.Planning;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Notifications;

/// <summary>Who is told what, once, and that nobody waits for anybody.</summary>
[CancelAfter(60_000)]
internal sealed class NotifierTests
{
    private static readonly SinkOptions Webhook = new("hook", SinkKind.Webhook) { Severity = Severity.P3 };

    [TestCase(Severity.P0, "P0")]
    [TestCase(Severity.P2, "P0 P1 P2")]
    [TestCase(Severity.P3, "P0 P1 P2 P3")]
    public async Task A_sink_gets_what_is_severe_enough(Severity least, string expected)
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(Webhook with { Severity = least });
        bed.Tell([.. Enum.GetValues<Severity>().Reverse().Select(severity => Told.Of(severity))]);
        await bed.StopAsync();

        Assert.That(Sent(server, "severity").Order(), Is.EqualTo(expected.Split(' ')));
    }

    [Test]
    public async Task A_sink_gets_only_its_namespaces()
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(Webhook with { Namespaces = ["shop", "blog"] });
        bed.Tell(Told.Of(Severity.P1, "A", "default", "u1"), Told.Of(Severity.P1, "B", "shop", "u2"), Told.Of(Severity.P1, "C", "blog", "u3"));
        await bed.StopAsync();

        Assert.That(Sent(server, "reason"), Is.EqualTo(new[] { "B", "C" }));
    }

    [Test]
    public async Task The_same_is_sent_once_an_hour()
    {
        await using var bed = new NotifierBed();
        var server = await bed.AddAsync(Webhook);
        bed.Tell(Told.RolledBack, Told.RolledBack, Told.RolledBack with { Time = Told.Time.AddSeconds(1) });
        bed.Clock.Advance(TimeSpan.FromMinutes(59));
        bed.Tell(Told.RolledBack);
        bed.Tell(Told.Of(Severity.P2, "Other"));
        await bed.UntilAsync(() => server.Requests.Count == 2, "two");
        bed.Clock.Advance(TimeSpan.FromHours(1));
        bed.Tell(Told.RolledBack);
        await bed.StopAsync();

        Assert.That(Sent(server, "reason"), Is.EqualTo(new[] { "RolledBack", "Other", "RolledBack" }));
    }

    [Test]
    public void The_memory_of_what_was_told_is_bounded()
    {
        var memory = new ToldMemory(new ManualTimeProvider(Told.Time));
        for (var number = 0; number <= ToldMemory.Capacity; number++)
            Assert.That(memory.Add($"{number}"), Is.True);

        Assert.That((memory.Add($"{ToldMemory.Capacity}"), memory.Add("0")), Is.EqualTo((false, true)), "the newest is known, the oldest forgotten");
    }

    [Test]
    public async Task A_dead_sink_delays_neither_another_nor_who_tells()
    {
        await using var bed = new NotifierBed();
        var dead = await bed.AddAsync(Webhook with { Name = "dead" }, context => Task.Delay(Timeout.InfiniteTimeSpan, bed.Clock, context.RequestAborted));
        var good = await bed.AddAsync(Webhook);

        // Nothing moves the clock: whoever waited for the dead one would wait for ever.
        bed.Tell([.. Enumerable.Range(0, 50).Select(number => Told.Of(Severity.P2, $"N{number}"))]);
        await Eventually.Holds(() => good.Requests.Count == 50 && dead.Requests.Count == 1, "the good one had all, and the dead one its first");
    }

    [Test]
    public async Task When_too_much_waits_the_oldest_goes_and_is_counted()
    {
        using var counted = new MetricRecorder(NotificationInstruments.Name);
        await using var bed = new NotifierBed();
        var isDead = true;
        var server = await bed.AddAsync(Webhook with { Name = "full" }, context => isDead ? context.Json("{}", 503) : context.Json("{}"));
        bed.Tell(Told.Of(Severity.P1, "First"));
        await Eventually.Holds(() => server.Requests.Count == 1, "the first was tried");
        bed.Tell([.. Enumerable.Range(0, Sink.QueueLength + 3).Select(number => Told.Of(Severity.P2, $"N{number}"))]);
        isDead = false;
        await bed.UntilAsync(() => server.Requests.Count == Sink.QueueLength + 2, "the rest");

        Assert.That(Sent(server, "reason").Skip(1).Take(3), Is.EqualTo(new[] { "First", "N3", "N4" }));
        Assert.That(bed.Log.Lines, Has.Exactly(3).Items.And.All.Contains("is not sent: more than 500 wait already"));
        Assert.That(counted.Of("rollout_notifications_total", "sink=full,outcome=dropped").Sum(), Is.EqualTo(3));
        await bed.UntilAsync(() => counted.Of("rollout_notifications_total", "sink=full,outcome=sent").Sum() == Sink.QueueLength + 1, "all were counted");
    }

    [Test]
    public async Task What_becomes_of_notifications_is_counted_from_0_before_there_is_one()
    {
        using var counted = new MetricRecorder(NotificationInstruments.Name);
        await using var bed = new NotifierBed();
        await bed.AddAsync(Webhook with { Name = "quiet" });

        bed.Tell();

        foreach (var outcome in new[] { "sent", "failed", "dropped" })
            await Eventually.Holds(() => counted.Of("rollout_notifications_total", $"sink=quiet,outcome={outcome}") is [0], $"the series {outcome} to begin");
    }

    private static IEnumerable<string> Sent(TestApi server, string field) => server.Requests.Select(asked => (string)JsonNode.Parse(asked.Body)![field]!);
}
