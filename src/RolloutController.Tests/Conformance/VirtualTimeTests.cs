using NUnit.Framework;
using RolloutController.Rehearsal.Time;

namespace RolloutController.Tests.Conformance;

/// <summary>The clock of rehearsals: what relies on a clock behaves under it as under the real one, and the same in every run.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class VirtualTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly VirtualTime _time = new(Start);

    [Test]
    public void Delays_pass_in_the_order_of_their_ends()
    {
        var order = new List<string>();
        _time.Run(() => Task.WhenAll(AfterAsync(3), AfterAsync(1), AfterAsync(2)));
        Assert.That(order, Is.EqualTo(["1 at 12:00:01", "2 at 12:00:02", "3 at 12:00:03"]));
        Assert.That(_time.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(3)));

        async Task AfterAsync(int seconds)
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), _time, CancellationToken.None);
            order.Add($"{seconds} at {_time.GetUtcNow():HH:mm:ss}");
        }
    }

    [Test]
    public void Timers_of_one_moment_fire_in_the_order_in_which_they_were_set()
    {
        var order = new List<int>();
        _time.Run(async () =>
        {
            var timers = Enumerable.Range(1, 5).Select(number => _time.CreateTimer(_ => order.Add(number), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan)).ToList();
            await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            timers.ForEach(timer => timer.Dispose());
        });
        Assert.That(order, Is.EqualTo([1, 2, 3, 4, 5]));
    }

    [Test]
    public void Timer_repeats_until_it_is_disposed_and_starts_anew_when_it_is_changed()
    {
        var moments = new List<double>();
        _time.Run(async () =>
        {
            using var timer = _time.CreateTimer(_ => moments.Add(_time.Elapsed.TotalSeconds), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
            await Task.Delay(TimeSpan.FromSeconds(4), _time, CancellationToken.None);
            timer.Change(TimeSpan.FromSeconds(10), Timeout.InfiniteTimeSpan);
            await Task.Delay(TimeSpan.FromSeconds(20), _time, CancellationToken.None);
            timer.Dispose();
            await Task.Delay(TimeSpan.FromSeconds(20), _time, CancellationToken.None);
        });
        Assert.That(moments, Is.EqualTo([1, 3, 14]));
    }

    [Test]
    public void Time_stands_still_while_there_is_work()
    {
        _time.Run(async () =>
        {
            var timer = Task.Delay(TimeSpan.FromMilliseconds(1), _time, CancellationToken.None);
            for (var i = 0; i < 1000; i++)
                await Task.Yield();
            Assert.That(timer.IsCompleted, Is.False);
            Assert.That(_time.Elapsed, Is.EqualTo(TimeSpan.Zero));
            await timer;
            Assert.That(_time.Elapsed, Is.EqualTo(TimeSpan.FromMilliseconds(1)));
        });
    }

    [Test]
    public void Work_that_waits_for_nothing_is_told() => Assert.That(
        () => _time.Run(() => new TaskCompletionSource().Task),
        Throws.InvalidOperationException.With.Message.Contains("nothing is left to do, and no timer is set"));

    [Test]
    public void Failure_of_the_work_is_that_of_the_run() => Assert.That(
        () => _time.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            throw new ArgumentException("broken");
        }),
        Throws.ArgumentException.With.Message.EqualTo("broken"));

    [Test]
    public void Work_that_strays_to_another_thread_is_told()
    {
        using var back = new ManualResetEventSlim();
        Assert.That(
            () => _time.Run(async () =>
            {
                var context = SynchronizationContext.Current!;
                var thread = new Thread(() =>
                {
                    context.Post(_ => { }, null);
                    back.Set();
                });
                thread.Start();
                back.Wait(TimeSpan.FromSeconds(30));
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
            }),
            Throws.InvalidOperationException.With.Message.Contains("on another thread"));
    }

    [Test]
    public void Context_of_the_caller_is_back_after_the_run()
    {
        var before = SynchronizationContext.Current;
        _time.Run(async () => await Task.Yield());
        Assert.That(SynchronizationContext.Current, Is.SameAs(before));
    }

    [Test]
    public void Second_run_goes_on_where_the_first_ended()
    {
        foreach (var expected in (double[])[1, 2])
        {
            _time.Run(() => Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None));
            Assert.That(_time.Elapsed.TotalSeconds, Is.EqualTo(expected));
        }
    }
}
