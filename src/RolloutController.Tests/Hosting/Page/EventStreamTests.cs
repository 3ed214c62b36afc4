using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using RolloutController.Control.Health;
using RolloutController.Hosting.Page;
using RolloutController.Kubernetes;
using RolloutController.Tests.Kubernetes;

namespace RolloutController.Tests.Hosting.Page;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[CancelAfter(30_000)]
internal sealed class EventStreamTests
{
    private readonly FakeReport _report = new();
    private readonly Shop _shop = new(TimeProvider.System.GetUtcNow());

    [Test]
    public async Task A_page_is_told_all_there_is_and_then_what_changes(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();
        await using var stage = await ServeAsync(host);
        stage.Rollout(_shop.Healthy());
        await using var events = await ReadAsync(host, "/api/v1/events", cancellationToken);

        Assert.That((bool?)(await events.NextAsync("host"))["canAct"], Is.False);
        var first = await events.NextAsync("rollouts");
        Assert.That((bool?)first["isWhole"], Is.True);

        stage.Rollout(_shop.Raising(0));
        await events.UntilAsync("rollouts", message => message["rollouts"]!.AsArray().Any(rollout => (string?)rollout!["phase"] == "Progressing"));
        stage.RemoveRollout(_shop.Key);
        await events.UntilAsync("rollouts", message => message["gone"]!.AsArray().Any(name => (string?)name == "store/shop"));
    }

    [Test]
    public async Task The_page_of_one_Rollout_is_told_of_its_pods_and_of_no_other(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();
        await using var stage = await ServeAsync(host);
        var other = new Shop(TimeProvider.System.GetUtcNow(), "other");
        stage.Rollout(_shop.Judging(0, 10, 0));
        stage.Rollout(other.Healthy());
        stage.Revision(_shop.Key, Shop.New, 2, "shop:1.1", 0, 1, "CrashLoopBackOff");
        await using var events = await ReadAsync(host, "/api/v1/events?namespace=store&name=shop", cancellationToken);

        await events.UntilAsync("rollout", message => Pods(message).Any(pod => ((string?)pod!["trouble"])!.Contains("crashes again and again")));
        stage.Rollout(other.Invalid());
        stage.Revision(_shop.Key, Shop.New, 2, "shop:1.1", 1, 1);
        var next = await events.UntilAsync("rollout", message => Pods(message).Any(pod => (bool?)pod!["ready"] == true));

        Assert.That((string?)next["rollout"]!["summary"]!["name"], Is.EqualTo("shop"));
        stage.RemoveRollout(_shop.Key);
        await events.UntilAsync("rollout", message => message["rollout"] is null && (bool?)message["isKnown"] == true);

        static IEnumerable<JsonNode?> Pods(JsonNode message) => message["rollout"]!["revisions"]!.AsArray().SelectMany(revision => revision!["pods"]!.AsArray());
    }

    [Test]
    public async Task What_is_missing_is_told_until_it_is_there(CancellationToken cancellationToken)
    {
        _report.ReadyChecks = [new HealthCheck("api", false, "it has not connected yet")];
        await using var host = await StartAsync();
        await using var events = await ReadAsync(host, "/api/v1/events", cancellationToken);

        await events.UntilAsync("host", message => message["missing"]!.AsArray().Count == 1);
        _report.ReadyChecks = [];
        await events.UntilAsync("host", message => message["missing"]!.AsArray().Count == 0);
    }

    [Test]
    public async Task It_ends_when_the_host_stops(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();
        await using var events = await ReadAsync(host, "/api/v1/events", cancellationToken);
        await events.NextAsync("host");

        await host.App.StopAsync(cancellationToken);

        Assert.That(async () => await events.UntilAsync("never", _ => true), Throws.InvalidOperationException, "it ends, and is not cut off when patience ends");
    }

    [Test]
    public async Task So_many_may_follow_and_no_more(CancellationToken cancellationToken)
    {
        await using var host = await StartAsync();
        var feed = host.App.Services.GetRequiredService<RolloutFeed>();
        var followers = Enumerable.Range(0, RolloutFeed.MaxFollowers).Select(_ => feed.Join(null)!).ToList();

        Assert.That((await host.Client.GetAsync("/api/v1/events", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        followers[0].Dispose();
        await using var events = await ReadAsync(host, "/api/v1/events", cancellationToken);
        await events.NextAsync("host");
    }

    [Test]
    public async Task Silence_is_broken_by_signs_of_life(CancellationToken cancellationToken)
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var feed = new RolloutFeed(clock);
        using var follower = feed.Join(null)!;
        await using var events = new EventStream(feed, new PageHost([], null, false, clock), clock).ReadAsync(follower, null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        for (var told = 0; told < 2; told++)
            await events.MoveNextAsync();

        var next = events.MoveNextAsync().AsTask();
        var silence = await Eventually.HoldsAfter(clock, TimeSpan.FromMilliseconds(100), () => next.IsCompleted, "a sign of life came");

        Assert.That(events.Current.EventType, Is.EqualTo("ping"));
        Assert.That(silence, Is.GreaterThanOrEqualTo(EventStream.Ping));
    }

    [Test]
    public void Who_is_slow_is_told_a_name_once_and_at_last_to_look_at_everything()
    {
        using var follower = new FeedFollower(null, _ => { });
        follower.Tell(_shop.Key);
        follower.Tell(_shop.Key);
        Assert.That(follower.Take(), Is.EqualTo(new[] { _shop.Key }));

        for (var index = 0; index <= FeedFollower.MaxWaiting; index++)
            follower.Tell(new ObjectKey("store", $"shop-{index}"));
        Assert.That(follower.Take(), Is.Null);
        Assert.That(follower.Take(), Is.Empty);
    }

    [Test]
    public void Waits_that_are_given_up_do_not_add_up(CancellationToken cancellationToken)
    {
        using var follower = new FeedFollower(null, _ => { });
        var wait = follower.WaitAsync(cancellationToken);

        Assert.That(follower.WaitAsync(cancellationToken), Is.SameAs(wait));
        follower.Tell(_shop.Key);
        Assert.That(() => wait.IsCompleted, Is.True.After(5000, 5));
        follower.Take();
        Assert.That(follower.WaitAsync(cancellationToken).IsCompleted, Is.False);
    }

    private static Task<PageStage> ServeAsync(RunningHost host) => PageStage.StartAsync(host.App.Services.GetRequiredService<RolloutFeed>());

    private static async Task<Events> ReadAsync(RunningHost host, string path, CancellationToken cancellationToken)
    {
        var answer = await host.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/event-stream"));
        return new Events(SseParser.Create(await answer.Content.ReadAsStreamAsync(cancellationToken)).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));
    }

    private Task<RunningHost> StartAsync() => RunningHost.StartAsync(RunningHost.LocalOptions, services => services.AddSingleton<IHealthReport>(_report));

    private sealed class Events(IAsyncEnumerator<SseItem<string>> items) : IAsyncDisposable
    {
        public Task<JsonNode> NextAsync(string name) => UntilAsync(name, _ => true);

        public async Task<JsonNode> UntilAsync(string name, Func<JsonNode, bool> condition)
        {
            while (await items.MoveNextAsync())
            {
                if (items.Current.EventType == name && JsonNode.Parse(items.Current.Data)! is var message && condition(message))
                    return message;
            }

            throw new InvalidOperationException($"the stream ended before such a \"{name}\" came");
        }

        public ValueTask DisposeAsync() => items.DisposeAsync();
    }
}
