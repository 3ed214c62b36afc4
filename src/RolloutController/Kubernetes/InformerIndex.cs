namespace RolloutController.Kubernetes;

/// <summary>Finds objects by values derived from them. Not safe for threads: its store's lock guards it.</summary>
internal sealed class InformerIndex<T>(Func<T, IEnumerable<string>> valuesOf)
    where T : class
{
    private readonly Dictionary<string, Bucket> _buckets = [];

    /// <summary>The values of an item.</summary>
    public string[] ValuesOf(T item) => [.. valuesOf(item).Distinct()];

    public void Add(T item)
    {
        foreach (var value in ValuesOf(item))
        {
            if (!_buckets.TryGetValue(value, out var bucket))
                _buckets.Add(value, bucket = new Bucket());
            bucket.Items.Add(item);
            bucket.Snapshot = null;
        }
    }

    public void Remove(T item)
    {
        foreach (var value in ValuesOf(item))
        {
            if (!_buckets.TryGetValue(value, out var bucket))
                continue;
            bucket.Items.RemoveAll(other => ReferenceEquals(other, item));
            bucket.Snapshot = null;
            if (bucket.Items.Count == 0)
                _buckets.Remove(value);
        }
    }

    public T[] Find(string value) =>
        _buckets.TryGetValue(value, out var bucket) ? bucket.Snapshot ??= [.. bucket.Items] : [];

    private sealed class Bucket
    {
        public List<T> Items { get; } = [];

        /// <summary>What readers were given; made when it is asked for, as many changes may pass between two questions.</summary>
        public T[]? Snapshot { get; set; }
    }
}
