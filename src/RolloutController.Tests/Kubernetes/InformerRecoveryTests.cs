using System.Net;
using System.Text.Json;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>How an informer comes back from each kind of failure.</summary>
internal sealed class InformerRecoveryTests : InformerFixture
{
    private MetricRecorder _metrics = null!;

    [SetUp]
    public void ListenToMetrics() => _metrics = new MetricRecorder();

    [TearDown]
    public void StopListening() => _metrics.Dispose();

    [Test]
    public async Task TakesTheWatchUpWhereTheLastEventLeftIt()
    {
        var informer = await WatchingAsync();
        Put("a");
        Api.LastWatch.Send(WatchEventType.Bookmark, 150);
        await Eventually.Holds(() => informer.Count == 1, "the event was seen");
        Clock.Advance(TimeSpan.FromMinutes(5));
        Api.LastWatch.End();
        await WatchesAsync(2);

        Assert.Multiple(() =>
        {
            Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo("150"));
            Assert.That(Api.CountOf("list"), Is.EqualTo(1));
            Assert.That(Restarts("ended"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task ListsAgainWhenItsVersionIsGoneAndTellsWhatWasDeletedMeanwhile()
    {
        Put("a");
        Put("b");
        var informer = await WatchingAsync();
        var known = $"{Api.Version}";
        Remove("a", tell: false);
        Put("c", tell: false);
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.Gone, "Expired"));
        await WatchesAfterAsync(2);

        Assert.Multiple(() =>
        {
            Assert.That(Changes, Is.EqualTo("+a +b -a +c"));
            Assert.That(informer.Count, Is.EqualTo(2));
            Assert.That(Api.Requests.Last(request => request.Verb == "list").ResourceVersion, Is.EqualTo(known));
            Assert.That(_metrics.Of("informer_relists_total", "kind=things,reason=expired").Sum(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task AListThatIsOlderThanWhatWasAskedForIsNotBelieved()
    {
        Put("a", "blue");
        var informer = await WatchingAsync();
        Put("a", "red");
        await Eventually.Holds(() => informer.Get(Thing.Key("a"))!.Colour == "red", "the event was seen");
        var newest = Api.Version;
        Api.OnRequest = request =>
        {
            // One of several API servers is behind, unless the most recent state is asked for.
            Api.Version = request is { Verb: "list", ResourceVersion.Length: > 0 } ? newest - 1 : newest;
            return Task.CompletedTask;
        };
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.Gone, "Expired"));
        await WatchesAfterAsync(2);

        Assert.Multiple(() =>
        {
            Assert.That(Api.Requests.Where(request => request.Verb == "list").Select(request => request.ResourceVersion), Is.EqualTo(new[] { "", $"{newest}", "" }));
            Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo($"{newest}"));
            Assert.That(informer.Get(Thing.Key("a"))!.Colour, Is.EqualTo("red"));
        });
    }

    [Test]
    public async Task AVersionThatIsGoneAfterAnOutageIsListedAtOnce()
    {
        await WatchingAsync();
        var tries = 0;
        Api.OnRequest = request => (request.Verb, request.Verb == "watch" ? ++tries : 0) switch
        {
            ("watch", < 5) => throw Failure(0),
            ("watch", 5) => throw FakeKubernetesClient.Error(HttpStatusCode.Gone, "Expired"),
            _ => Task.CompletedTask,
        };
        Api.LastWatch.End(Failure(0));
        await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(0.1), () => tries >= 5, "the API had come back");
        await Eventually.Holds(() => Api.CountOf("list") == 2, "it listed, with the clock at rest");
    }

    [TestCase(HttpStatusCode.Gone, "Expired", "the version is gone")]
    [TestCase(HttpStatusCode.GatewayTimeout, "Timeout", "Too large resource version: 105, current: 90")]
    public async Task ListsAnyVersionWhereTheApiDoesNotHaveTheKnownOne(HttpStatusCode status, string reason, string message)
    {
        Put("a");
        var informer = await WatchingAsync();
        Remove("a", tell: false);
        Put("b", tell: false);
        Api.Version = 90;
        Api.OnRequest = request => request is { Verb: "list", ResourceVersion.Length: > 0 }
            ? throw FakeKubernetesClient.Error(status, reason, message: message)
            : Task.CompletedTask;
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.Gone, "Expired"));
        await WatchesAfterAsync(2);

        Assert.That(informer.Get(Thing.Key("a")), Is.Null);
        Assert.That(informer.Get(Thing.Key("b")), Is.Not.Null);
        Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo("90"), "a restored API counts on from an older version");
    }

    [TestCase(0)]
    [TestCase(429)]
    [TestCase(503)]
    public async Task AnApiThatIsNotThereOrOverloadedIsNotAskedForAList(int status)
    {
        await WatchingAsync();
        var failures = 0;
        Api.OnRequest = request => request.Verb == "watch" && failures++ < 3 ? throw Failure(status) : Task.CompletedTask;
        Api.LastWatch.End(Failure(status));
        var after = await WatchesAfterAsync(2);

        Assert.Multiple(() =>
        {
            Assert.That(Api.CountOf("list"), Is.EqualTo(1));
            Assert.That(Restarts(status switch { 0 => "connection", 429 => "throttled", _ => "server_error" }), Is.EqualTo(4));
            Assert.That(after, Is.GreaterThan(TimeSpan.FromSeconds(0.8 + 1.6 + 3.2 + 5 - 0.4)), "pauses double from 800 ms on");
        });
    }

    [Test]
    public async Task WaitsAsLongAsTheApiAsks()
    {
        await WatchingAsync();
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.TooManyRequests, retryAfter: TimeSpan.FromSeconds(20)));
        Assert.That(await WatchesAfterAsync(2, 0.5), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public async Task ServerErrorsForMoreThanAMinuteLeadToAList()
    {
        await WatchingAsync();
        Api.OnRequest = request => request.Verb == "watch" ? throw Failure(500) : Task.CompletedTask;
        Api.LastWatch.End(Failure(500));
        var after = await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(1), () => Api.CountOf("list") == 2, "it listed again");
        Assert.That(after, Is.GreaterThan(TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task AnyOtherFailureLeadsToAList()
    {
        await WatchingAsync();
        Api.LastWatch.End(new JsonException("not what was expected"));
        await WatchesAfterAsync(2);
        Assert.That(Api.CountOf("list"), Is.EqualTo(2));
    }

    [Test]
    public async Task AWatchThatEndsAtOnceIsAnError()
    {
        var informer = await WatchingAsync();
        Api.LastWatch.End();
        await Eventually.Holds(() => Restarts("short") == 1, "the end was seen");
        Assert.That(informer.LastError, Does.Contain("ended as soon as it began"));
        Clock.Advance(TimeSpan.FromSeconds(0.79));
        await Eventually.Settle();
        Assert.That(Api.Watches, Has.Count.EqualTo(1));
        await WatchesAfterAsync(2);
    }

    [Faults.FaultRow(20, "a watch without a byte")]
    [Test]
    public async Task ASilentWatchIsCutOffHalfAMinuteAfterItShouldHaveEnded()
    {
        var informer = await WatchingAsync();
        var limit = Api.LastWatch.Options.Timeout + TimeSpan.FromSeconds(30);
        Clock.Advance(limit - TimeSpan.FromSeconds(1));
        Api.LastWatch.Send(WatchEventType.Bookmark, 150);
        await Eventually.Holds(() => informer.LastEventAt == Clock.GetUtcNow(), "the bookmark was heard");

        Clock.Advance(limit - TimeSpan.FromSeconds(1));
        await Eventually.Settle();
        Assert.That(Restarts("idle"), Is.Zero, "a bookmark is a sign of life");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.Holds(() => Restarts("idle") == 1, "the silence was noticed");
        await WatchesAfterAsync(2);
        Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo("150"));
        Assert.That(Api.CountOf("list"), Is.EqualTo(1));
    }

    [Test]
    public async Task AnUnreadableEventIsReplacedByTheObjectItself()
    {
        Put("a", "red");
        var informer = await WatchingAsync();
        Put("a", "blue", tell: false);
        Api.LastWatch.Send(WatchEventType.Unreadable, Api.Version, Thing.Key("a"));
        await Eventually.Holds(() => informer.Get(Thing.Key("a"))!.Colour == "blue", "the object was read");
        Remove("a", tell: false);
        Api.LastWatch.Send(WatchEventType.Unreadable, Api.Version, Thing.Key("a"));
        await Eventually.Holds(() => informer.Count == 0, "the deletion was read");
        Assert.That(Api.CountOf("watch"), Is.EqualTo(1));
    }

    [Test]
    public async Task AnObjectThatNobodyCanReadKeepsItsLastGoodState()
    {
        Put("a", "red");
        var informer = await WatchingAsync();
        var found = new List<UnreadableObject>();
        informer.FoundUnreadable += found.Add;
        Api.OnRequest = request => request.Verb == "get" ? throw new JsonException("poison") : Task.CompletedTask;
        Api.LastWatch.Send(WatchEventType.Unreadable, 150, Thing.Key("a"));
        Api.Version = 160;
        Put("b");
        await Eventually.Holds(() => informer.Count == 2, "the next event was seen");
        Assert.That(informer.Get(Thing.Key("a"))!.Colour, Is.EqualTo("red"));
        Assert.That(Api.CountOf("watch"), Is.EqualTo(1));
        Assert.That(found.Single(), Is.EqualTo(new UnreadableObject(Thing.Key("a"), informer.Get(Thing.Key("a"))!.Metadata.Uid)));
    }

    [Test]
    public async Task AnUnreadableEventIsSeenAgainWhenTheObjectCouldNotBeReadJustNow()
    {
        Put("a", "red");
        await WatchingAsync();
        var before = $"{Api.Version}";
        Api.OnRequest = request => request.Verb == "get" ? throw Failure(503) : Task.CompletedTask;
        Api.LastWatch.Send(WatchEventType.Unreadable, 150, Thing.Key("a"));
        await WatchesAfterAsync(2);
        Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo(before));
    }

    private static Exception Failure(int status) =>
        status == 0 ? new HttpRequestException("connection refused") : FakeKubernetesClient.Error((HttpStatusCode)status);

    private double Restarts(string reason) => _metrics.Of("informer_watch_restarts_total", $"kind=things,reason={reason}").Sum();
}
