using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Notifications;
using RolloutController.Planning;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Rehearsal.Stages;

/// <summary>Notifications on the embedded cluster.</summary>
internal sealed class NotificationStoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 10, 0, 0, TimeSpan.Zero);

    private const string Fields = """
        steps: [{weight: 50}, {weight: 100}]
        analysis: {errorRate: {max: 1%}}
        """;

    [Test]
    public void A_rollback_does_not_wait_for_a_sink_that_hangs_which_is_told_when_it_is_back()
    {
        using var sink = new SinkHandler();
        Story.Tell(
            Fields,
            Start,
            async story =>
            {
                var bad = await story.ShipAsync("2");
                story.Fail("2");
                await story.UntilAsync(status => status.State is RollingBack { Stage: ConclusionStage.Settling }, "the traffic to be back");
                Assert.That(sink.Asked, Is.GreaterThan(0), "the sink was asked");
                Assert.That(sink.Taken, Is.Empty, "and hangs");

                sink.Hangs = false;
                await story.UntilAsync(_ => sink.Taken.Count > 0, "the notification");
                var told = sink.Taken.Single();
                Assert.That(((string)told["severity"]!, (string)told["reason"]!, (string)told["revision"]!), Is.EqualTo(("P1", "RolledBack", bad)));
                Assert.That(((string)told["rollback"]!["check"]!, (string)told["images"]![0]!), Is.EqualTo(("errorRate", "shop:2")));
                await story.UntilAtRestAsync(Phase.RolledBack);
            },
            clock => Notifier(clock, sink, Severity.P2));
    }

    [Test]
    public void A_good_version_is_told_from_its_start_to_its_promotion_and_each_once()
    {
        using var sink = new SinkHandler { Hangs = false };
        Story.Tell(
            Fields,
            Start,
            async story =>
            {
                await story.ShipAsync("2");
                await story.UntilAtRestAsync(Phase.Healthy);
                await story.UntilAsync(_ => sink.Taken.Any(told => (string)told["reason"]! == "Promoted"), "the promotion to be told");

                Assert.That(sink.Taken.Select(told => (string)told["reason"]!), Is.EqualTo(new[] { "Deployed", "RolloutStarted", "WeightSet", "WeightSet", "Promoted" }));
                Assert.That(sink.Taken.Select(told => (string)told["severity"]!), Is.All.EqualTo("P3"));
            },
            clock => Notifier(clock, sink, Severity.P3));
    }

    private static Notifier Notifier(TimeProvider clock, SinkHandler sink, Severity severity) => new(
        [new SinkOptions("hook", SinkKind.Webhook) { Url = new Uri("http://hook.rehearsal"), Severity = severity }], clock, NullLogger.Instance, sink, new Random(1));

    /// <summary>A sink in the same process, which hangs until it is told not to.</summary>
    private sealed class SinkHandler : HttpMessageHandler
    {
        public bool Hangs { get; set; } = true;

        public int Asked { get; private set; }

        public List<JsonNode> Taken { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            if (Hangs)
                return Outside.NeverAsync<HttpResponseMessage>(cancellationToken);
            using var body = request.Content!.ReadAsStream(cancellationToken);
            Taken.Add(JsonNode.Parse(body)!);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Accepted));
        }
    }
}
