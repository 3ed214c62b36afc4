using RolloutController.Control;
using RolloutController.Kubernetes;

namespace RolloutController.Hosting.Page;

/// <summary>
/// What happened to Rollouts while this process has been watching, in memory. Bounded: so many entries and points for one Rollout, and
/// so many Rollouts, of which those without news for the longest time are forgotten first. Safe for use by several threads.
/// </summary>
/// <param name="capacity">How many Rollouts are remembered.</param>
internal sealed class HistoryBook(int capacity = 500)
{
    /// <summary>Entries that are kept for one Rollout.</summary>
    public const int MaxEntries = 60;

    /// <summary>Points that are kept for one Rollout.</summary>
    public const int MaxPoints = 240;

    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Page> _pages = [];

    // The pages by their last news, the oldest first.
    private readonly LinkedList<Page> _order = new();

    /// <summary>Takes a change in.</summary>
    public void Add(Change<RolloutObject> change, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (change.New is not { } after)
                Forget(change.Object.Key);
            else
                Add(change.Old, after, now);
        }
    }

    /// <summary>What is remembered of a Rollout, the newest entry first and the oldest point first.</summary>
    public (IReadOnlyList<HistoryEntry> Entries, IReadOnlyList<SeriesPoint> Points) Read(ObjectKey key)
    {
        lock (_gate)
            return _pages.TryGetValue(key, out var page) ? ([.. page.Entries.AsEnumerable().Reverse()], [.. page.Points]) : ([], []);
    }

    private void Add(RolloutObject? before, RolloutObject after, DateTimeOffset now)
    {
        var entries = RolloutHistory.Between(before, after, now).ToList();
        var point = RolloutViews.Point(after.Status, now);
        var inFlight = after.Status.CanaryRevision.Length > 0 || before?.Status.CanaryRevision.Length > 0;
        if (entries.Count == 0 && !inFlight)
            return;
        var page = Open(after.Key);
        if (before is not null && RolloutHistory.Starts(before.Status, after.Status))
            page.Points.Clear();
        page.Entries.AddRange(entries);
        if (page.Entries.Count > MaxEntries)
            page.Entries.RemoveRange(0, page.Entries.Count - MaxEntries);
        if (inFlight)
            Add(page.Points, point);
    }

    private static void Add(List<SeriesPoint> points, SeriesPoint point)
    {
        if (points is [.., var last] && last with { Time = point.Time } == point)
            return;
        points.Add(point);
        if (points.Count > MaxPoints)
            Thin(points);
    }

    /// <summary>Leaves out every second point of the older half; where the weight changes, points stay.</summary>
    private static void Thin(List<SeriesPoint> points)
    {
        var kept = points.Where((point, index) =>
            index >= MaxPoints / 2 || index % 2 == 0 || point.Weight != points[index - 1].Weight || point.Weight != points[index + 1].Weight).ToList();
        points.Clear();
        points.AddRange(kept.Skip(Math.Max(0, kept.Count - MaxPoints)));
    }

    private Page Open(ObjectKey key)
    {
        if (_pages.TryGetValue(key, out var page))
        {
            _order.Remove(page.Place);
        }
        else
        {
            if (_pages.Count >= capacity && _order.First is { } oldest)
                Forget(oldest.Value.Key);
            _pages[key] = page = new Page(key);
        }

        _order.AddLast(page.Place);
        return page;
    }

    private void Forget(ObjectKey key)
    {
        if (_pages.Remove(key, out var page))
            _order.Remove(page.Place);
    }

    private sealed class Page
    {
        public Page(ObjectKey key)
        {
            Key = key;
            Place = new LinkedListNode<Page>(this);
        }

        public ObjectKey Key { get; }

        public LinkedListNode<Page> Place { get; }

        public List<HistoryEntry> Entries { get; } = [];

        public List<SeriesPoint> Points { get; } = [];
    }
}
