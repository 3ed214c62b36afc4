using System.Collections.Concurrent;
using System.Net;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>What an informer holds and tells while all goes well.</summary>
internal sealed class InformerTests : InformerFixture
{
    [Test]
    public async Task FillsFromTheListAndFollowsTheWatch()
    {
        Put("a", "red");
        var informer = await WatchingAsync();
        Assert.That(Changes, Is.EqualTo("+a:red"));

        Put("a", "blue");
        Put("b");
        Remove("a");
        await Eventually.Holds(() => informer.Get(Thing.Key("a")) is null, "the deletion was seen");

        Assert.Multiple(() =>
        {
            Assert.That(Changes, Is.EqualTo("~a:blue +b -a"));
            Assert.That(informer.List().Select(thing => thing.Metadata.Name), Is.EqualTo(new[] { "b" }));
            Assert.That(informer.Count, Is.EqualTo(1));
            Assert.That(informer.LastError, Is.Null);
            Assert.That(informer.IsServed, Is.True);
        });
    }

    [Test]
    public async Task WatchesFromTheListOnForFiveToTenMinutes()
    {
        Put("a");
        await WatchingAsync(new InformerOptions<Thing> { LabelSelector = "app=shop" });

        Assert.Multiple(() =>
        {
            Assert.That(Api.Requests[0].ResourceVersion, Is.Empty, "the first list is the most recent state");
            Assert.That(Api.LastWatch.Options.ResourceVersion, Is.EqualTo($"{Api.Version}"));
            Assert.That(Api.LastWatch.Options.LabelSelector, Is.EqualTo("app=shop"));
            Assert.That(Api.LastWatch.Options.Timeout, Is.InRange(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
        });
    }

    [Test]
    public async Task SaysWhyItHasNotSynced()
    {
        Api.OnRequest = request => request.Verb == "list" ? throw FakeKubernetesClient.Error(HttpStatusCode.Forbidden, message: "things is forbidden") : Task.CompletedTask;
        var informer = Make();
        Assert.That(informer.LastError, Does.Contain("not listed yet"));
        Run(informer);
        await Eventually.Holds(() => informer.LastError!.Contains("Listing things failed: things is forbidden", StringComparison.Ordinal), "the failure was told");
        Assert.That(informer.HasSynced, Is.False);
        var synced = informer.WaitForSyncAsync(CancellationToken.None);
        Assert.That(synced.IsCompleted, Is.False);

        Api.OnRequest = _ => Task.CompletedTask;
        await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(1), () => synced.IsCompletedSuccessfully, "it synced");
        Assert.That(informer.HasSynced, Is.True);
        Assert.That(informer.LastError, Is.Null);
    }

    [Test]
    public async Task FindsByIndexAndGivesSnapshots()
    {
        Put("a", "red");
        Put("b", "red");
        var informer = await WatchingAsync(new InformerOptions<Thing>
        {
            Indexes = new Dictionary<string, Func<Thing, IEnumerable<string>>> { ["colour"] = thing => [thing.Colour, thing.Colour] },
        });
        var before = informer.ByIndex("colour", "red");
        Put("a", "blue");
        Remove("b");
        await Eventually.Holds(() => informer.Count == 1, "the changes were seen");

        Assert.Multiple(() =>
        {
            Assert.That(before, Has.Count.EqualTo(2), "what was given does not change");
            Assert.That(informer.ByIndex("colour", "red"), Is.Empty);
            Assert.That(informer.ByIndex("colour", "blue").Single().Metadata.Name, Is.EqualTo("a"));
            Assert.That(() => informer.ByIndex("size", "1"), Throws.ArgumentException.With.Message.Contains("colour"));
        });
    }

    [Test]
    public async Task AFailingHandlerKeepsNothingFromTheOthersNorFromTheInformer()
    {
        var informer = Make();
        informer.Changed += _ => throw new InvalidOperationException("a handler's fault");
        var told = new ConcurrentQueue<string>();
        informer.Changed += change => told.Enqueue(change.Object.Metadata.Name);
        Put("a");
        Run(informer);
        await WatchesAsync(1);
        Put("b");
        // What is held is told after it is held.
        await Eventually.Holds(() => told.Count == 2, "the event was told");
        Assert.That(told, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(Api.CountOf("watch"), Is.EqualTo(1));
    }

    [Test]
    public async Task SeveralNamespacesFillOneStore()
    {
        Put("a", @namespace: "shop");
        Put("b", @namespace: "bank");
        Put("c", @namespace: "other");
        var listed = new TaskCompletionSource();
        Api.OnRequest = request => request is { Verb: "list", Namespace: "bank" } ? listed.Task : Task.CompletedTask;
        var informer = Make(new InformerOptions<Thing> { Namespaces = ["shop", "bank"] });
        Run(informer);
        await WatchesAsync(1);
        Assert.That(informer.HasSynced, Is.False, "one of two namespaces is not all");
        listed.SetResult();
        await informer.WaitForSyncAsync(CancellationToken.None);
        await WatchesAsync(2);
        Put("d", @namespace: "bank");
        Put("e", @namespace: "other");
        await Eventually.Holds(() => informer.Count == 3, "the event was seen");
        Assert.That(informer.List().Select(thing => thing.Metadata.Name).Order(), Is.EqualTo(new[] { "a", "b", "d" }));

        informer.Remember(new Thing { Metadata = new ObjectMeta { Namespace = "other", Name = "x", ResourceVersion = "999" } });
        Assert.That(informer.Count, Is.EqualTo(3), "what is not watched would never be forgotten");
    }

    [Test]
    public async Task RelistingOneNamespaceLeavesTheOther()
    {
        Put("a", @namespace: "shop");
        Put("b", @namespace: "bank");
        var informer = await WatchingAsync(new InformerOptions<Thing> { Namespaces = ["shop", "bank"] });
        Api.Watches.Single(watch => watch.Namespace == "bank").End(FakeKubernetesClient.Error(HttpStatusCode.Gone, "Expired"));
        await WatchesAfterAsync(3);
        Assert.That(informer.Count, Is.EqualTo(2));
        Assert.That(Changes.Split(' ').Order(), Is.EqualTo(new[] { "+a", "+b" }));
    }

    [Test]
    public async Task AKindThatIsAbsentCountsAsSyncedAndIsLookedForAgainSoonAndThenSeldom()
    {
        Api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.NotFound);
        var informer = Make(new InformerOptions<Thing> { Optional = true });
        Run(informer);
        await informer.WaitForSyncAsync(CancellationToken.None);
        Assert.That(informer.IsServed, Is.False);
        Assert.That(informer.LastError, Is.Null);

        var soon = await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(0.1), () => Api.CountOf("list") >= 2, "it asked again");
        Assert.That(soon, Is.LessThan(TimeSpan.FromMinutes(1)));
        await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(10), () => Api.CountOf("list") >= 12, "it asked ever less often");
        Api.OnRequest = _ => Task.CompletedTask;
        Put("a");
        var after = await WatchesAfterAsync(1, stepSeconds: 10);
        Assert.That(after, Is.InRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5.7)));
        Assert.That(informer.IsServed, Is.True);
        Assert.That(informer.Count, Is.EqualTo(1));
    }

    [Faults.FaultRow(29, "the CRD of the routes goes")]
    [Test]
    public async Task AKindThatIsTakenAwayLeavesNothingBehind()
    {
        Put("a");
        var informer = await WatchingAsync(new InformerOptions<Thing> { Optional = true });
        Api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.NotFound);
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.NotFound));
        var after = await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(1), () => !informer.IsServed, "the absence was seen");
        Assert.That(after, Is.GreaterThan(TimeSpan.FromSeconds(5)), "it is not believed at once");
        Assert.That(Changes, Is.EqualTo("+a -a"));
        Assert.That(informer.HasSynced, Is.True);
    }

    [Test]
    public async Task AKindThatAnApiServerDoesNotKnowOfWhileItStartsKeepsItsObjects()
    {
        Put("a");
        var informer = await WatchingAsync(new InformerOptions<Thing> { Optional = true });
        var refused = 0;
        Api.OnRequest = request => request.Verb == "list" && refused++ < 2 ? throw FakeKubernetesClient.Error(HttpStatusCode.NotFound) : Task.CompletedTask;
        Api.LastWatch.End(FakeKubernetesClient.Error(HttpStatusCode.NotFound));
        await WatchesAfterAsync(2);
        Assert.That(Changes, Is.EqualTo("+a"));
        Assert.That(informer.IsServed, Is.True);
        Assert.That(informer.LastError, Is.Null);
    }

    [Test]
    public async Task AKindThatMustBeThereIsNotSyncedWithoutIt()
    {
        Api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.NotFound, message: "the server could not find it");
        var informer = Make();
        Run(informer);
        await Eventually.HoldsAfter(Clock, TimeSpan.FromSeconds(1), () => Api.CountOf("list") > 2, "it tried again");
        Assert.That(informer.HasSynced, Is.False);
        Assert.That(informer.LastError, Does.Contain("the server could not find it"));
    }

    [Test]
    public async Task TellsEveryFailure()
    {
        var failures = new List<Exception>();
        var informer = Make();
        informer.Failed += failures.Add;
        Api.OnRequest = _ => throw FakeKubernetesClient.Error(System.Net.HttpStatusCode.Forbidden);
        Run(informer);
        await Eventually.Holds(() => failures.Count > 0, "the failure was told");
        Assert.That(failures[0], Is.TypeOf<KubernetesApiException>());
    }

    [Test]
    public async Task SeveralOfOneKindAreShownTogether()
    {
        using var metrics = new MetricRecorder();
        Put("a");
        await WatchingAsync(new InformerOptions<Thing> { FieldSelector = "metadata.name=a" });
        using var stop = new CancellationTokenSource();
        var second = Make();
        var run = second.RunAsync(stop.Token);
        await second.WaitForSyncAsync(default);
        Assert.That(Api.Watches[0].Options.FieldSelector, Is.EqualTo("metadata.name=a"));
        Assert.That(metrics.Gauge("informer_objects", "kind=things"), Is.EqualTo(2));
        await stop.CancelAsync();
        await run;
    }

    [Test]
    public async Task ShowsWhatItHoldsAndWhenItHeardLast()
    {
        using var metrics = new MetricRecorder();
        Put("a");
        var informer = await WatchingAsync();
        Clock.Advance(TimeSpan.FromSeconds(90));
        Api.LastWatch.Send(WatchEventType.Bookmark, 200);
        await Eventually.Holds(() => informer.LastEventAt == Clock.GetUtcNow(), "the bookmark was heard");

        Assert.That(metrics.Gauge("informer_objects", "kind=things"), Is.EqualTo(1));
        Assert.That(metrics.Gauge("informer_last_event_timestamp_seconds", "kind=things"), Is.EqualTo(Clock.GetUtcNow().ToUnixTimeSeconds()));
        await StopInformer();
        Assert.That(metrics.Gauge("informer_objects", "kind=things"), Is.Null, "an informer that ended is let go");
        SetUpApi();
    }
}
