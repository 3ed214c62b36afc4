using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

internal sealed class WorkQueueTests
{
    private ManualTimeProvider _clock = null!;
    private WorkQueue<string> _queue = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new ManualTimeProvider(DateTimeOffset.UnixEpoch);
        _queue = new WorkQueue<string>("test", _clock);
    }

    [TearDown]
    public void TearDown() => _queue.ShutDown();

    [Test]
    public void AKeyAddedManyTimesWaitsOnce()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("a");
        Assert.That(Take(), Is.EqualTo("a"));
        Assert.That(Take(), Is.EqualTo("b"));
        Assert.That(TakeNow(), Is.Null);
    }

    [Test]
    public void AKeyAddedWhileItIsWorkedOnComesAgainAfterwards()
    {
        _queue.Add("a");
        Take();
        _queue.Add("a");
        _queue.Add("a");
        Assert.That(TakeNow(), Is.Null, "not while it is worked on");
        _queue.Done("a");
        Assert.That(Take(), Is.EqualTo("a"));
        _queue.Done("a");
        Assert.That(TakeNow(), Is.Null);
    }

    [Test]
    public void UrgentKeysGoFirstAndAWaitingKeyMovesForward()
    {
        _queue.Add("a");
        _queue.Add("b");
        _queue.Add("c", Priority.Urgent);
        _queue.Add("b", Priority.Urgent);
        _queue.Add("c");
        Assert.That(new[] { Take(), Take(), Take() }, Is.EqualTo(new[] { "c", "b", "a" }));
        Assert.That(TakeNow(), Is.Null);
    }

    [Test]
    public void UrgencyDuringTheWorkIsKeptForTheNext()
    {
        _queue.Add("a");
        Take();
        _queue.Add("b");
        _queue.Add("a");
        _queue.Add("a", Priority.Urgent);
        _queue.Add("a");
        _queue.Done("a");
        Assert.That(Take(), Is.EqualTo("a"));
    }

    [Test]
    public async Task WhoIsThereForUrgentKeysLeavesTheOthers()
    {
        _queue.Add("slow");
        var urgent = _queue.TakeAsync(CancellationToken.None, Priority.Urgent).AsTask();
        Assert.That(urgent.IsCompleted, Is.False, "nothing is urgent");
        _queue.Add("rollback", Priority.Urgent);
        Assert.That(await urgent, Is.EqualTo("rollback"));
        Assert.That(Take(), Is.EqualTo("slow"));
    }

    [Test]
    public async Task AKeyThatBecomesUrgentIsFoundByWhoIsThereForUrgentKeys()
    {
        _queue.Add("a");
        var urgent = _queue.TakeAsync(CancellationToken.None, Priority.Urgent).AsTask();
        _queue.Add("a", Priority.Urgent);
        Assert.That(await urgent, Is.EqualTo("a"));
        Assert.That(TakeNow(), Is.Null);
    }

    [Test]
    public async Task AnUrgentKeyThatSomebodyElseTookIsWaitedForNoLonger()
    {
        _queue.Add("a", Priority.Urgent);
        Take();
        var urgent = _queue.TakeAsync(CancellationToken.None, Priority.Urgent).AsTask();
        Assert.That(urgent.IsCompleted, Is.False);
        _queue.Add("b", Priority.Urgent);
        Assert.That(await urgent, Is.EqualTo("b"));
    }

    [Test]
    public void WhatWasUrgentStaysSoAfterAFailureAndWaitsSecondsAtMost()
    {
        for (var failure = 0; failure < 20; failure++)
        {
            _queue.Add("a", Priority.Urgent);
            Take();
            _queue.AddRateLimited("a");
            _queue.Done("a");
            Assert.That(TakeNow(), Is.Null, "it pauses");
            _clock.Advance(TimeSpan.FromSeconds(5.6));
            _queue.Add("other", Priority.Normal);
            Assert.That(Take(), Is.EqualTo("a"), $"failure {failure}");
            _queue.Done("a");
            Assert.That(Take(), Is.EqualTo("other"));
            _queue.Done("other");
        }
    }

    [Test]
    public void OfSeveralDelaysTheHighestPriorityHoldsWhicheverIsTheEarliest()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(10), Priority.Urgent);
        _clock.Advance(TimeSpan.FromSeconds(5));
        _queue.Add("first");
        Assert.That(TakeNow(Priority.Urgent), Is.EqualTo("a"));
        _queue.AddAfter("b", TimeSpan.FromSeconds(10), Priority.Urgent);
        _queue.AddAfter("b", TimeSpan.FromSeconds(5));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.That(TakeNow(Priority.Urgent), Is.EqualTo("b"));
    }

    [Test]
    public async Task TakingWaitsForAKey()
    {
        var taken = _queue.TakeAsync(CancellationToken.None).AsTask();
        Assert.That(taken.IsCompleted, Is.False);
        _queue.Add("a");
        Assert.That(await taken, Is.EqualTo("a"));
    }

    [Test]
    public void OfSeveralDelaysTheEarliestHolds()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.AddAfter("a", TimeSpan.FromSeconds(5));
        _queue.AddAfter("a", TimeSpan.FromSeconds(20));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(_queue.Count, Is.Zero);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(Take(), Is.EqualTo("a"));
        _queue.Done("a");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_queue.Count, Is.Zero, "one wake-up, not three");
    }

    [Test]
    public void AnEventTakesNoWakeUpAway()
    {
        _queue.AddAfter("a", TimeSpan.FromSeconds(10));
        _queue.Add("a");
        Take();
        _queue.Done("a");
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(Take(), Is.EqualTo("a"));
    }

    [Test]
    public void ManyDelaysBecomeDueInTheirOrder()
    {
        foreach (var seconds in Enumerable.Range(1, 100).OrderBy(second => second * 37 % 101))
            _queue.AddAfter($"{seconds}", TimeSpan.FromSeconds(seconds));
        for (var second = 1; second <= 100; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.That(Take(), Is.EqualTo($"{second}"));
            Assert.That(_queue.Count, Is.Zero);
        }
    }

    [Test]
    public void NoDelayOrANegativeOneAddsAtOnceAndTheLongestOneIsBorne()
    {
        _queue.AddAfter("a", TimeSpan.Zero);
        _queue.AddAfter("b", TimeSpan.FromSeconds(-1));
        _queue.AddAfter("c", TimeSpan.MaxValue);
        _clock.Advance(TimeSpan.FromDays(100));
        Assert.That(_queue.Count, Is.EqualTo(2));
    }

    [Test]
    public void FailuresPauseTwiceAsLongEachTimeUpToFiveMinutes()
    {
        for (var failure = 0; failure < 20; failure++)
        {
            var expected = Math.Min(0.005 * Math.Pow(2, failure), 300);
            _queue.AddRateLimited("a");
            _clock.Advance(TimeSpan.FromSeconds(expected * 0.9) - TimeSpan.FromMilliseconds(0.5));
            Assert.That(_queue.Count, Is.Zero, $"failure {failure} comes too early");
            _clock.Advance(TimeSpan.FromSeconds(expected * 0.2) + TimeSpan.FromMilliseconds(2));
            Assert.That(Take(), Is.EqualTo("a"), $"failure {failure} comes too late");
            _queue.Done("a");
        }

        Assert.That(_queue.Failures("a"), Is.EqualTo(20));
        _queue.Forget("a");
        Assert.That(_queue.Failures("a"), Is.Zero);
        _queue.AddRateLimited("a");
        _clock.Advance(TimeSpan.FromMilliseconds(7));
        Assert.That(_queue.Count, Is.EqualTo(1));
    }

    [Test]
    public void WhatWasNotTakenCannotBeDone()
    {
        _queue.Add("a");
        Assert.That(() => _queue.Done("a"), Throws.InvalidOperationException);
        Take();
        _queue.Done("a");
        Assert.That(() => _queue.Done("a"), Throws.InvalidOperationException);
    }

    [Test]
    public void ACancelledTakerTakesNothing()
    {
        using var cancel = new CancellationTokenSource();
        var taken = _queue.TakeAsync(cancel.Token).AsTask();
        cancel.Cancel();
        Assert.That(async () => await taken, Throws.InstanceOf<OperationCanceledException>());
        _queue.Add("a");
        Assert.That(Take(), Is.EqualTo("a"));
    }

    [Test]
    public void TheShutdownReleasesEveryTakerAndTakesNoMore()
    {
        _queue.Add("a");
        Take();
        var takers = Enumerable.Range(0, 5).Select(_ => _queue.TakeAsync(CancellationToken.None).AsTask()).ToArray();
        _queue.AddAfter("b", TimeSpan.FromSeconds(1));
        _queue.ShutDown();
        _queue.Add("c");
        _clock.Advance(TimeSpan.FromSeconds(2));
        _queue.Done("a");
        foreach (var taker in takers)
            Assert.That(async () => await taker.WaitAsync(TimeSpan.FromSeconds(10)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_queue.Count, Is.Zero);
        Assert.That(async () => await _queue.TakeAsync(CancellationToken.None), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void ShowsDepthDurationsAndStuckWork()
    {
        using var metrics = new MetricRecorder();
        _queue.Add("a");
        _queue.Add("b", Priority.Urgent);
        _queue.AddRateLimited("c");
        Assert.That(metrics.Of("workqueue_adds_total", "name=test,controller=test").Sum(), Is.EqualTo(2));
        Assert.That(metrics.Of("workqueue_retries_total", "name=test,controller=test").Sum(), Is.EqualTo(1));
        Assert.That(metrics.Gauge("workqueue_depth", "name=test,controller=test,priority=urgent"), Is.EqualTo(1));
        Assert.That(metrics.Gauge("workqueue_depth", "name=test,controller=test,priority=normal"), Is.EqualTo(1));
        _clock.Advance(TimeSpan.FromMilliseconds(3));
        Take();
        Take();
        _clock.Advance(TimeSpan.FromSeconds(2));
        _queue.Done("a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(metrics.Of("workqueue_queue_duration_seconds", "name=test,controller=test"), Is.EqualTo(new[] { 0.003, 0.003 }));
        Assert.That(metrics.Of("workqueue_work_duration_seconds", "name=test,controller=test"), Is.EqualTo(new[] { 2.0 }));
        Assert.That(metrics.Gauge("workqueue_longest_running_processor_seconds", "name=test,controller=test"), Is.EqualTo(3));
        Assert.That(metrics.Gauge("workqueue_unfinished_work_seconds", "name=test,controller=test"), Is.EqualTo(3));
        _queue.ShutDown();
        Assert.That(metrics.Gauge("workqueue_depth", "name=test,controller=test,priority=normal"), Is.Null, "a queue that ended is let go");
    }

    private string Take() => TakeNow() ?? throw new AssertionException("nothing waits");

    private string? TakeNow(Priority least = Priority.Normal) => _queue.Count == 0 ? null : _queue.TakeAsync(CancellationToken.None, least).AsTask().Result;
}
