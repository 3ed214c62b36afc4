using System.Net;
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
        _writer = new StatusWriter(_client, new Caches(_client, KubernetesKinds.EndpointSlice, [], _clock, Random.Shared, NullLogger<Caches>.Instance), new Tenure("me", 3), new ControlOptions().StatusInterval, _clock);
    }

    private static RolloutStatus AtRest => new() { ObservedGeneration = 1, State = new AtRest("a"), Phase = Phase.Healthy };

    [SetUp]
    public Task WriteFirstStatusAsync() => WriteAsync(new RolloutStatus(), AtRest);

    [Test]
    public async Task The_first_status_is_written_whole()
    {
        await WriteAsync(new RolloutStatus { Term = new Term("me", 3) }, new RolloutStatus { ObservedGeneration = 1, Phase = Phase.Progressing, Message = "begins" });
        Assert.That(_client.Requests[^1].Body!["status"]!["phase"]!.ToString(), Is.EqualTo("Progressing"), "a column of kubectl");
        Assert.That(_client.Requests[^1].Body!["status"]!["weight"]!.ToString(), Is.EqualTo("0"));
    }

    [Test]
    public async Task Decision_is_written_at_once()
    {
        Assert.That(await WriteAsync(AtRest, AtRest with { Phase = Phase.Invalid }), Is.Null);
        Assert.That(_client.CountOf("patch"), Is.EqualTo(2));
    }

    [Test]
    public async Task Each_write_is_made_in_the_name_of_the_term()
    {
        await WriteAsync(AtRest, AtRest with { Phase = Phase.Invalid });
        Assert.That(_client.Requests[^1].Body!["status"]!.ToJsonString(), Is.EqualTo("""{"phase":"Invalid","term":{"holder":"me","transitions":3}}"""));
        var other = AtRest with { Term = new Term("other", 8) };
        await WriteAsync(other, other with { Phase = Phase.Invalid });
        Assert.That(_client.Requests[^1].Body!["status"]!["term"]!.ToJsonString(), Is.EqualTo("""{"holder":"me","transitions":9}"""), "later than the last one, though the lease counts fewer");
        var own = AtRest with { Term = new Term("me", 9) };
        await WriteAsync(own, own with { Phase = Phase.Invalid });
        Assert.That(_client.Requests[^1].Body!["status"]!["term"]!.ToJsonString(), Is.EqualTo("""{"holder":"me","transitions":9}"""), "though it has not changed");
    }

    [Test]
    public async Task A_new_term_alone_is_no_reason_to_write()
    {
        var other = AtRest with { Term = new Term("other", 8) };
        Assert.That(await WriteAsync(other, other), Is.Null);
        Assert.That(_client.CountOf("patch"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_write_whose_answer_was_lost_counts_where_it_stands_there()
    {
        _client.OnWritten = request => throw new HttpRequestException(HttpRequestError.ResponseEnded, $"{request.Verb}: the response ended prematurely");
        Assert.That(await WriteAsync(AtRest with { Term = new Term("me", 3) }, AtRest with { Phase = Phase.Invalid, Term = new Term("me", 3) }), Is.Null);
        Assert.That((_client.CountOf("patch"), _client.CountOf("get")), Is.EqualTo((2, 1)));
    }

    [Test]
    public void A_write_that_failed_and_does_not_stand_there_fails()
    {
        _client.OnRequest = request => request.Verb == "patch" ? throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused") : Task.CompletedTask;
        Assert.That(() => WriteAsync(AtRest, AtRest with { Phase = Phase.Invalid }), Throws.TypeOf<HttpRequestException>());
        _client.OnRequest = request => request.Verb == "patch" ? throw FakeKubernetesClient.Error(HttpStatusCode.Conflict, "Conflict") : Task.CompletedTask;
        Assert.That(() => WriteAsync(AtRest, AtRest with { Phase = Phase.Invalid }), Throws.TypeOf<KubernetesApiException>().With.Property("IsConflict").True);
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
        var uid = (string)_client.Find("rollouts", Key)!["metadata"]!["uid"]!;
        var rollout = new RolloutObject { Metadata = new ObjectMeta { Namespace = Key.Namespace, Name = Key.Name, Uid = uid }, Status = before };
        return _writer.WriteAsync(rollout, after, nextLook, CancellationToken.None);
    }
}
