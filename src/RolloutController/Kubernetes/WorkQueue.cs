using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace RolloutController.Kubernetes;

/// <summary>How soon a key is worked on.</summary>
public enum Priority
{
    /// <summary>In its turn.</summary>
    Normal,

    /// <summary>Before all that is normal.</summary>
    Urgent,
}

/// <summary>
/// Keys to be worked on, with the promises of client-go's work queue: a key that is added many times waits once; it is never worked on
/// twice at a time; and one that is added while it is worked on comes again afterwards.
/// </summary>
/// <typeparam name="TKey">Names what is to be looked at; never the object itself, which would be stale when its turn comes.</typeparam>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "ShutDown lets go of the timer.")]
public sealed class WorkQueue<TKey> : IObservedQueue
    where TKey : notnull
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestUrgentRetry = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _timeProvider;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiting> _urgent = [];
    private readonly LinkedList<Waiting> _normal = [];
    private readonly Dictionary<TKey, LinkedListNode<Waiting>> _waiting = [];
    private readonly Dictionary<TKey, Work> _working = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly DelayedKeys<TKey> _delayed;

    // A permit for each key that came to wait; the key may be somebody else's by the time that a taker comes. Channels and no semaphores: a
    // taker that waited goes on in its own context, and under a virtual clock there is no other thread.
    private readonly Channel<Permit> _available = Channel.CreateUnbounded<Permit>();
    private readonly Channel<Permit> _urgentAvailable = Channel.CreateUnbounded<Permit>();
    private readonly Random _random;
    private bool _shutDown;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="name">The name in metrics.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="random">What retries are spread by; null for chance.</param>
    public WorkQueue(string name, TimeProvider timeProvider, Random? random = null)
    {
        Name = name;
        _random = random ?? Random.Shared;
        _timeProvider = timeProvider;
        _tags = WorkQueueInstruments.Tags(name);
        _delayed = new DelayedKeys<TKey>(timeProvider, Add);
        WorkQueueInstruments.Open.Add(this);
    }

    /// <summary>The name in metrics.</summary>
    public string Name { get; }

    /// <summary>How many keys wait for a worker now; delayed ones and those in work do not count.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Adds a key. One that waits already moves forward when this is more urgent, and never back.</summary>
    public void Add(TKey key, Priority priority = Priority.Normal)
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            if (_working.TryGetValue(key, out var work))
                work.AddAgain(priority, _timeProvider.GetTimestamp());
            else if (!_waiting.TryGetValue(key, out var node))
                Enqueue(new Waiting(key, priority, _timeProvider.GetTimestamp()));
            else if (priority > node.Value.Priority)
                MoveForward(node);
        }
    }

    /// <summary>
    /// Adds a key after a delay. Of several delays of one key the earliest holds; adding the key meanwhile takes none of them away, so
    /// that a wake-up is never lost.
    /// </summary>
    public void AddAfter(TKey key, TimeSpan delay, Priority priority = Priority.Normal)
    {
        if (delay <= TimeSpan.Zero)
            Add(key, priority);
        else
            _delayed.Add(key, delay, priority);
    }

    /// <summary>
    /// Adds a key after a failure: after 5 ms at first, twice as long each time, 5 minutes at most, ±10 %. What is urgent waits 5 seconds at
    /// most, and what was urgent when it was taken still is. <see cref="Forget"/> starts anew.
    /// </summary>
    public void AddRateLimited(TKey key, Priority priority = Priority.Normal)
    {
        int earlier;
        lock (_gate)
        {
            earlier = _failures.GetValueOrDefault(key);
            _failures[key] = earlier + 1;
            if (_working.TryGetValue(key, out var work) && work.Priority > priority)
                priority = work.Priority;
        }

        WorkQueueInstruments.Retries.Add(1, _tags);
        var longest = priority == Priority.Urgent ? LongestUrgentRetry : LongestRetry;
        var delay = Math.Min(FirstRetry.TotalSeconds * Math.Pow(2, earlier), longest.TotalSeconds);
        AddAfter(key, TimeSpan.FromSeconds(delay * (0.9 + (0.2 * _random.NextDouble()))), priority);
    }

    /// <summary>Forgets the failures of a key, as it succeeded.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
            _failures.Remove(key);
    }

    /// <summary>How often a key has failed since it was last forgotten.</summary>
    public int Failures(TKey key)
    {
        lock (_gate)
            return _failures.GetValueOrDefault(key);
    }

    /// <summary>Takes the next key, waiting for one; it is the caller's until <see cref="Done"/>.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="least">What the caller is there for: <see cref="Priority.Urgent"/> leaves all that is normal to others.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled or the queue was shut down.</exception>
    public async ValueTask<TKey> TakeAsync(CancellationToken cancellationToken, Priority least = Priority.Normal)
    {
        var permits = (least == Priority.Urgent ? _urgentAvailable : _available).Reader;
        while (true)
        {
            try
            {
                await permits.ReadAsync(cancellationToken);
            }
            catch (ChannelClosedException)
            {
                throw ShutDownMeanwhile();
            }

            if (TryTake(least, out var key))
                return key;
        }
    }

    /// <summary>Ends the work on a key; if it was added meanwhile it waits again.</summary>
    /// <exception cref="InvalidOperationException">The key is not being worked on.</exception>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (!_working.Remove(key, out var work))
                throw new InvalidOperationException($"{key} is not being worked on: each key that was taken is to be done with once.");
            WorkQueueInstruments.WorkDuration.Record(_timeProvider.GetElapsedTime(work.Started).TotalSeconds, _tags);
            if (work.Again is { } again && !_shutDown)
                Enqueue(again);
        }
    }

    /// <summary>
    /// Ends the queue: takers are released, and what waits is dropped, as whoever works next looks at everything anyway.
    /// Work that has begun may still be done.
    /// </summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            _shutDown = true;
            _waiting.Clear();
            _urgent.Clear();
            _normal.Clear();
            _available.Writer.Complete();
            _urgentAvailable.Writer.Complete();
        }

        _delayed.Dispose();
        WorkQueueInstruments.Open.Remove(this);
    }

    int IObservedQueue.Depth(Priority priority)
    {
        lock (_gate)
            return ListOf(priority).Count;
    }

    IReadOnlyList<TimeSpan> IObservedQueue.WorkInProgress()
    {
        lock (_gate)
            return [.. _working.Values.Select(work => _timeProvider.GetElapsedTime(work.Started))];
    }

    private bool TryTake(Priority least, [MaybeNullWhen(false)] out TKey key)
    {
        lock (_gate)
        {
            if (_shutDown)
                throw ShutDownMeanwhile();
            key = default;
            if ((_urgent.First ?? (least == Priority.Normal ? _normal.First : null)) is not { Value: var next })
                return false;
            ListOf(next.Priority).RemoveFirst();
            _waiting.Remove(next.Key);
            var now = _timeProvider.GetTimestamp();
            _working.Add(next.Key, new Work(next.Key, next.Priority, now));
            WorkQueueInstruments.QueueDuration.Record(_timeProvider.GetElapsedTime(next.Since, now).TotalSeconds, _tags);
            key = next.Key;
            return true;
        }
    }

    private LinkedList<Waiting> ListOf(Priority priority) => priority == Priority.Urgent ? _urgent : _normal;

    private void Enqueue(Waiting item)
    {
        _waiting.Add(item.Key, ListOf(item.Priority).AddLast(item));
        WorkQueueInstruments.Adds.Add(1, _tags);
        _available.Writer.TryWrite(default);
        if (item.Priority == Priority.Urgent)
            _urgentAvailable.Writer.TryWrite(default);
    }

    private OperationCanceledException ShutDownMeanwhile() => new($"The work queue {Name} was shut down.");

    private void MoveForward(LinkedListNode<Waiting> node)
    {
        _normal.Remove(node);
        _waiting[node.Value.Key] = _urgent.AddLast(node.Value with { Priority = Priority.Urgent });
        _urgentAvailable.Writer.TryWrite(default);
    }

    private readonly record struct Permit;

    private readonly record struct Waiting(TKey Key, Priority Priority, long Since);

    private sealed class Work(TKey key, Priority priority, long started)
    {
        public Priority Priority => priority;

        public long Started => started;

        /// <summary>How the key waits again once this work is done; null when it was not added meanwhile.</summary>
        public Waiting? Again { get; private set; }

        public void AddAgain(Priority priority, long now)
        {
            if (Again is not { } earlier)
                Again = new Waiting(key, priority, now);
            else if (priority > earlier.Priority)
                Again = earlier with { Priority = priority };
        }
    }
}
