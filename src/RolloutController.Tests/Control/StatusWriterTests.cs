using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using RolloutController.Api;
using RolloutController.Control;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Control;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class StatusWriterTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ObjectKey Key = new("shop", "shop");

    private readonly ManualTimeProvider _clock = new(Start);
    private readonly FakeKubernetesClient _client = new();
    private readonly StatusWriter _writer;

    public StatusWriterTests()
    {
        _client.Put("rollouts", new JsonObject { ["metadata"] = new JsonObject { ["namespace"] = Key.Namespace, ["name"] = Key.Name } });
        _writer = new StatusWriter(_client, new Caches(_client, KubernetesKinds.EndpointSlice, [], _clock, Random.Shared, NullLogger<Caches>.Instance), new ControlOptions().StatusInterval, _clock);
    }

    private static RolloutStatus AtRest => new() { State = new AtRest("a"), Phase = Phase.Healthy };

    [SetUp]
    public Task WriteFirstStatusAsync() => WriteAsync(new RolloutStatus(), AtRest);

    [Test]
    public async Task Decision_is_written_at_once()
    {
        Assert.That(await WriteAsync(AtRest, AtRest with { Phase = Phase.Invalid }), Is.Null);
        Assert.That(_client.CountOf("patch"), Is.EqualTo(2));
    }

    [Test]
    public async Task What_only_informs_waits_ten_seconds_and_is_then_written_whole()
    {
        var news = AtRest with { Message = "news", Weight = 5, ReadyReplicas = 1 };
        Assert.That(await WriteAsync(AtRest, news), Is.EqualTo(Start.AddSeconds(10)));
        Assert.That(_client.CountOf("patch"), Is.EqualTo(1));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(await WriteAsync(AtRest, news), Is.Null);
        Assert.That(_client.CountOf("patch"), Is.EqualTo(2));
    }

    [TestCase(9, 10)]
    [TestCase(12, 12)]
    [TestCase(14, 10)]
    public async Task What_only_informs_waits_for_a_look_that_comes_soon_after(int nextLook, int putOffTo) => Assert.That(
        await WriteAsync(AtRest, AtRest with { Message = "news" }, Start.AddSeconds(nextLook)), Is.EqualTo(Start.AddSeconds(putOffTo)));

    private Task<DateTimeOffset?> WriteAsync(RolloutStatus before, RolloutStatus after, DateTimeOffset? nextLook = null)
    {
        var rollout = new RolloutObject { Metadata = new ObjectMeta { Namespace = Key.Namespace, Name = Key.Name }, Status = before };
        return _writer.WriteAsync(rollout, after, nextLook, CancellationToken.None);
    }
}
