using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RolloutController.Kubernetes;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Kubernetes;

internal sealed class EventRecorderTests
{
    private static readonly EventSource Shop = new("rollouts.dev/v1alpha1", "Rollout", "shop", "web", "uid-1", "7");

    private FakeKubernetesClient _api = null!;
    private ManualTimeProvider _clock = null!;
    private EventRecorder _recorder = null!;
    private CancellationTokenSource _stop = null!;
    private MetricRecorder _metrics = null!;
    private ListLogger _log = null!;
    private Task _run = null!;

    [SetUp]
    public void SetUp()
    {
        _api = new FakeKubernetesClient();
        _clock = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _stop = new CancellationTokenSource();
        _metrics = new MetricRecorder();
        _log = new ListLogger();
        _recorder = new EventRecorder(_api, KubernetesKinds.Event, "rollouts.dev/controller", "pod-1", _clock, new Random(1), _log);
        _run = Task.CompletedTask;
    }

    [TearDown]
    public async Task TearDown()
    {
        await StopAsync();
        _stop.Dispose();
        _metrics.Dispose();
    }

    [Test]
    public async Task TheFirstTimeIsANewEvent()
    {
        Run();
        Record();
        await SentAsync(1);
        var sent = (JsonObject)_api.Requests.Single().Body!;
        Assert.That((string)sent["metadata"]!["name"]!, Does.Match("^web\\.[0-9a-f]+$"));
        sent.Remove("metadata");
        Assert.That(sent.ToJsonString(), Is.EqualTo(
            """{"apiVersion":"events.k8s.io/v1","kind":"Event","eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"rollouts.dev/controller","reportingInstance":"pod-1","type":"Warning","reason":"RolledBack","action":"Rollback","note":"too many errors","regarding":{"apiVersion":"rollouts.dev/v1alpha1","kind":"Rollout","namespace":"shop","name":"web","uid":"uid-1","resourceVersion":"7"}}"""));
    }

    [Test]
    public async Task TheSecondTimeMakesASeriesAndLaterOnesAreCounted()
    {
        Run();
        Record();
        Record(Shop with { ResourceVersion = "8" });
        for (var i = 0; i < 50; i++)
            Record();
        await SentAsync(2);
        await Eventually.Settle();
        Assert.That(_api.Requests.Select(request => request.Verb), Is.EqualTo(new[] { "create", "patch" }));
        Assert.That(Sent(1), Is.EqualTo("""{"series":{"count":2,"lastObservedTime":"2026-01-01T00:00:00.000000Z"}}"""));

        var after = await Eventually.HoldsAfter(_clock, TimeSpan.FromMinutes(1), () => _api.Requests.Count == 3, "the series was ended");
        Assert.That(after, Is.InRange(TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(7)));
        Assert.That(Sent(2), Does.Contain("\"count\":52"));
        Record();
        await SentAsync(4);
        Assert.That(_api.Requests[3].Verb, Is.EqualTo("create"), "after the silence it is a new event");
    }

    [Test]
    public async Task ALongSeriesIsToldEveryHalfHour()
    {
        Run();
        for (var minute = 0; minute < 70; minute += 5)
        {
            Record();
            await Eventually.Settle();
            _clock.Advance(TimeSpan.FromMinutes(5));
            await Eventually.Settle();
        }

        Assert.That(_api.Requests.Select(request => request.Verb), Is.EqualTo(new[] { "create", "patch", "patch", "patch" }));
    }

    [Test]
    public async Task AnotherNoteIsAnotherEvent()
    {
        Run();
        Record(note: "5 %");
        Record(note: "25 %");
        await SentAsync(2);
        Assert.That(_api.CountOf("create"), Is.EqualTo(2), "the API lets nobody change a note, so it would be lost");
    }

    [Test]
    public async Task ASeriesWhoseEventIsGoneBeginsAnew()
    {
        Run();
        Record();
        await SentAsync(1);
        _api.Remove("events", new ObjectKey("shop", _api.Requests[0].Name));
        Record();
        await SentAsync(3);
        Assert.That(_api.Requests.Select(request => request.Verb), Is.EqualTo(new[] { "create", "patch", "create" }));
    }

    [Test]
    public async Task AnObjectOfTheWholeClusterHasItsEventsInDefault()
    {
        Run();
        Record(Shop with { Namespace = "" });
        await SentAsync(1);
        Assert.That(_api.Requests[0].Namespace, Is.EqualTo("default"));
    }

    [Test]
    public async Task WhatTheApiRefusesIsGivenUpAtOnce()
    {
        _api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.Forbidden, message: "the namespace is being terminated");
        Run();
        Record();
        await Eventually.Holds(() => Dropped("refused") == 1, "it was given up");
        Assert.That(_log.Lines.Single(), Does.Contain("the namespace is being terminated"));
        Assert.That(_api.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task AnApiThatIsAwayIsTriedTwelveTimes()
    {
        _api.OnRequest = _ => throw FakeKubernetesClient.Error(HttpStatusCode.ServiceUnavailable);
        Run();
        Record();
        var after = await Eventually.HoldsAfter(_clock, TimeSpan.FromSeconds(0.5), () => Dropped("unreachable") == 1, "it was given up");
        Assert.That(after, Is.InRange(TimeSpan.FromSeconds(11 * 7.5), TimeSpan.FromSeconds(11 * 14)));
        Assert.That(_api.Requests, Has.Count.EqualTo(12));
        Assert.That(_api.Requests.Select(request => request.Name).Distinct().Count(), Is.EqualTo(1), "an answer that got lost leads to no second event");
    }

    [Test]
    public void PausesRepeatWithWhatTheyAreSpreadBy()
    {
        var (one, again, another) = (Attempts(seed: 1), Attempts(seed: 1), Attempts(seed: 2));
        Assert.That(one, Has.Count.EqualTo(12).And.EqualTo(again).And.Not.EqualTo(another));
    }

    [Test]
    public async Task AnEventWhoseAnswerGotLostIsStored()
    {
        _api.OnRequest = request =>
        {
            if (_api.Requests.Count > 1)
                return Task.CompletedTask;
            _api.Put("events", request.Body!.AsObject());
            throw new HttpRequestException("the connection was reset");
        };
        Run();
        Record();
        await Eventually.HoldsAfter(_clock, TimeSpan.FromSeconds(1), () => _api.Requests.Count == 2, "it was tried again");
        Record();
        await SentAsync(3);
        Assert.That(_api.Requests[2].Verb, Is.EqualTo("patch"), "the event is known to be there");
    }

    [Test]
    public async Task TheNewestIsDroppedWhenTooManyWait()
    {
        for (var i = 0; i < 1010; i++)
            Record(note: $"{i}");
        Assert.That(Dropped("queue_full"), Is.EqualTo(10));
        Run();
        await SentAsync(1000);
        Assert.That((string)_api.Requests[^1].Body!["note"]!, Is.EqualTo("999"));
    }

    [Test]
    public async Task TheEndSendsWhatWaitsAndTheCountsThatWereNotTold()
    {
        for (var i = 0; i < 5; i++)
            Record();
        Run();
        await StopAsync();
        Assert.That(_api.Requests.Select(request => request.Verb), Is.EqualTo(new[] { "create", "patch", "patch" }));
        Assert.That(Sent(2), Does.Contain("\"count\":5"));
    }

    [Test]
    public async Task TheEndWaitsTwoSecondsAtMost()
    {
        _api.OnRequest = request => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, request.Token);
        Run();
        Record();
        Record(note: "another");
        await SentAsync(1);
        await _stop.CancelAsync();
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        await Eventually.Settle();
        Assert.That(_run.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await _run.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(_log.Lines, Has.Some.Contains("1 events were not sent"));
    }

    [Test]
    public async Task TheEndDoesNotWaitBetweenAttempts()
    {
        _api.OnRequest = _ => throw new HttpRequestException("connection refused");
        Run();
        Record();
        await SentAsync(1);
        await StopAsync();
        Assert.That(_api.Requests, Has.Count.EqualTo(2), "one last attempt");
    }

    [Test]
    public async Task ALongNameLeavesRoomForTheRest()
    {
        Run();
        Record(Shop with { Name = new string('a', 219) + "." + new string('b', 33) });
        await SentAsync(1);
        Assert.That(_api.Requests[0].Name, Has.Length.LessThanOrEqualTo(253).And.StartsWith(new string('a', 219) + ".").And.Not.Contains(".."));
    }

    [Test]
    public void ANoteHasNoControlCharacters() => Assert.That(EventNote.Clean(" a\nb\u001b[31mc\u0085d "), Is.EqualTo("a b [31mc d"));

    [Test]
    public void ANoteIsCutBetweenCharacters([Values("x", "é", "😀")] string character, [Range(0, 3)] int offset)
    {
        var note = EventNote.Clean(new string('a', offset) + string.Concat(Enumerable.Repeat(character, 2000)));
        Assert.That(Encoding.UTF8.GetByteCount(note), Is.InRange(1020, 1024));
        Assert.That(note, Does.EndWith(character + "…"));
        var fits = new string('a', 1024);
        Assert.That(EventNote.Clean(fits), Is.EqualTo(fits));
    }

    /// <summary>When an event is tried that the API never takes.</summary>
    private static List<DateTimeOffset> Attempts(int seed)
    {
        var (time, api, attempts) = (new VirtualTime(DateTimeOffset.UnixEpoch), new FakeKubernetesClient(), new List<DateTimeOffset>());
        api.OnRequest = _ =>
        {
            attempts.Add(time.GetUtcNow());
            throw FakeKubernetesClient.Error(HttpStatusCode.ServiceUnavailable);
        };
        time.Run(async () =>
        {
            using var stop = new CancellationTokenSource();
            var recorder = new EventRecorder(api, KubernetesKinds.Event, "rollouts.dev/controller", "pod-1", time, new Random(seed), new ListLogger());
            var run = recorder.RunAsync(stop.Token);
            recorder.Record(Shop, EventType.Normal, "Promoted", "Promote", "done");
            await Task.Delay(TimeSpan.FromMinutes(3), time, CancellationToken.None);
            stop.Cancel();
            await run;
        });
        return attempts;
    }

    private void Run() => _run = Task.Run(() => _recorder.RunAsync(_stop.Token));

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Record(EventSource? regarding = null, string note = "too many errors") =>
        _recorder.Record(regarding ?? Shop, EventType.Warning, "RolledBack", "Rollback", note);

    private string Sent(int request) => _api.Requests[request].Body!.ToJsonString();

    private double Dropped(string reason) => _metrics.Of("events_dropped_total", $"reason={reason}").Sum();

    private Task SentAsync(int count) => Eventually.Holds(() => _api.Requests.Count == count, $"{count} requests were sent");
}
