using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>What holds of the queue whatever is done with it.</summary>
internal sealed class WorkQueuePropertyTests
{
    /// <summary>Any sequence of steps gives what a plain description of the queue gives.</summary>
    [Test]
    public void BehavesAsItIsDescribed()
    {
        var steps = Gen.Choose(0, 3).Zip(Gen.Choose(0, 4)).ListOf().ToArbitrary();
        Prop.ForAll(steps, RunAgainstModel).QuickCheckThrowOnFailure();
    }

    /// <summary>Under many threads no key is worked on twice at a time, and each is worked on after it was last added.</summary>
    [Test]
    public async Task NoKeyIsLostAndNoneIsWorkedOnTwiceAtATime()
    {
        const int keys = 16;
        var queue = new WorkQueue<int>("property", TimeProvider.System);
        var asked = new int[keys];
        var answered = new int[keys];
        var atWork = new int[keys];
        var overlaps = 0;

        async Task WorkAsync()
        {
            try
            {
                while (true)
                {
                    var key = await queue.TakeAsync(CancellationToken.None);
                    if (Interlocked.Increment(ref atWork[key]) != 1)
                        Interlocked.Increment(ref overlaps);
                    Volatile.Write(ref answered[key], Volatile.Read(ref asked[key]));
                    if (Random.Shared.Next(4) == 0)
                        await Task.Yield();
                    Interlocked.Decrement(ref atWork[key]);
                    queue.Done(key);
                }
            }
            catch (OperationCanceledException)
            {
            }
        }

        void Ask(int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < 100; i++)
            {
                var key = random.Next(keys);
                Interlocked.Increment(ref asked[key]);
                if (random.Next(20) == 0)
                    queue.AddAfter(key, TimeSpan.FromMilliseconds(random.Next(3)));
                else if (random.Next(20) == 0)
                    queue.AddRateLimited(key);
                else
                    queue.Add(key, (Priority)random.Next(2));
                queue.Forget(random.Next(keys));
            }
        }

        // Many short rounds, as a key that is lost in a long one is found again by its next addition.
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(WorkAsync)).ToArray();
        for (var round = 0; round < 100; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(producer => Task.Run(() => Ask((3 * round) + producer))));
            await Eventually.Holds(() => Enumerable.Range(0, keys).All(key => Volatile.Read(ref answered[key]) == asked[key]), "every key was worked on after it was last added");
        }

        queue.ShutDown();
        await Task.WhenAll(workers).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That(overlaps, Is.Zero);
    }

    private static void RunAgainstModel(IList<(int Step, int Key)> steps)
    {
        var queue = new WorkQueue<int>("model", new ManualTimeProvider(DateTimeOffset.UnixEpoch));
        var waiting = new Dictionary<Priority, List<int>> { [Priority.Urgent] = [], [Priority.Normal] = [] };
        var working = new Dictionary<int, Priority?>();

        void Add(int key, Priority priority)
        {
            if (working.TryGetValue(key, out var again))
                working[key] = again is Priority.Urgent ? again : priority > again ? priority : again ?? priority;
            else if (!waiting[Priority.Urgent].Contains(key) && (priority == Priority.Urgent || !waiting[Priority.Normal].Contains(key)))
            {
                waiting[Priority.Normal].Remove(key);
                waiting[priority].Add(key);
            }
        }

        foreach (var (step, key) in steps)
        {
            if (step < 2)
            {
                queue.Add(key, (Priority)step);
                Add(key, (Priority)step);
            }
            else if (step == 2 && queue.Count > 0)
            {
                var expected = waiting[Priority.Urgent].Concat(waiting[Priority.Normal]).First();
                Assert.That(queue.TakeAsync(CancellationToken.None).AsTask().Result, Is.EqualTo(expected));
                waiting[Priority.Urgent].Remove(expected);
                waiting[Priority.Normal].Remove(expected);
                working.Add(expected, null);
            }
            else if (step == 3 && working.Remove(key, out var again))
            {
                queue.Done(key);
                if (again is { } priority)
                    Add(key, priority);
            }

            Assert.That(queue.Count, Is.EqualTo(waiting.Values.Sum(keys => keys.Count)));
        }

        queue.ShutDown();
    }
}
