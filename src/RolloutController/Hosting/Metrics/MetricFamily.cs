namespace RolloutController.Hosting.Metrics;

/// <summary>Keeps the values of one metric. Nothing here throws: an exception in a measurement would silence its instrument.</summary>
internal sealed class MetricFamily(MetricDefinition definition)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string[], Series> _series = new(LabelComparer.Instance);
    private long _dropped;

    /// <summary>What the metric is.</summary>
    public MetricDefinition Definition => definition;

    /// <summary>How many measurements found no room for a further series.</summary>
    public long Dropped
    {
        get
        {
            lock (_gate)
                return _dropped;
        }
    }

    /// <summary>Shows the series of a metric without labels, and those that are known, from the start: a counter that appears with its first increment hides it from <c>rate</c>.</summary>
    public void Start()
    {
        if (definition.Labels.Length == 0 && definition.Type == MetricType.Counter)
            Add(0, []);
        foreach (var values in definition.Known)
        {
            lock (_gate)
                Find([.. definition.Labels.Zip(values, (label, value) => KeyValuePair.Create(label, (object?)value))]);
        }
    }

    /// <summary>Adds to a counter, or to a gauge that is kept by ups and downs.</summary>
    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // A counter may not fall, and must stay finite.
        if (definition.Type == MetricType.Counter && (value < 0 || !double.IsFinite(value)))
            return;
        lock (_gate)
        {
            if (Find(tags) is { } series)
                series.Value += value;
        }
    }

    /// <summary>Sets a gauge.</summary>
    public void Set(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (Find(tags) is { } series)
                series.Value = value;
        }
    }

    /// <summary>Takes what an observable instrument says now; it counts until <see cref="Forget"/>.</summary>
    public void SetObserved(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (definition.Type == MetricType.Counter && (value < 0 || !double.IsFinite(value)))
            return;
        lock (_gate)
        {
            if (Find(tags) is { } series)
                (series.Value, series.Observed) = (value, true);
        }
    }

    /// <summary>Puts an observation into a histogram.</summary>
    public void Observe(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // With a negative observation the sum could fall, and then would be no counter.
        if (value < 0 || !double.IsFinite(value))
            return;
        lock (_gate)
        {
            if (Find(tags) is not { Counts: { } counts } series)
                return;
            var bucket = Array.BinarySearch(definition.Buckets, value);
            counts[bucket < 0 ? ~bucket : bucket]++;
            series.Value += value;
        }
    }

    /// <summary>Forgets what observable instruments said, before they are asked again: what they no longer name is gone.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            foreach (var (labels, series) in _series)
            {
                if (series.Observed)
                    _series.Remove(labels);
            }
        }
    }

    /// <summary>The values at one moment, in the order of their labels.</summary>
    public MetricSnapshot Snapshot()
    {
        lock (_gate)
        {
            var series = _series.Select(entry => new SeriesSnapshot(entry.Key, entry.Value.Value, entry.Value.Counts?.ToArray())).ToArray();
            Array.Sort(series, (left, right) => LabelComparer.Compare(left.Labels, right.Labels));
            return new MetricSnapshot(definition, series);
        }
    }

    private Series? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = LabelValues(tags);
        if (_series.TryGetValue(labels, out var series))
            return series;
        if (_series.Count >= definition.MaxSeries)
        {
            _dropped++;
            return null;
        }
        series = new Series { Counts = definition.Type == MetricType.Histogram ? new long[definition.Buckets.Length + 1] : null };
        _series.Add(labels, series);
        return series;
    }

    // By the definition's order, since callers give tags in any.
    private string[] LabelValues(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (definition.Labels.Length == 0)
            return [];
        var values = new string[definition.Labels.Length];
        Array.Fill(values, "");
        foreach (var (name, value) in tags)
        {
            var index = Array.IndexOf(definition.Labels, name);
            if (index >= 0)
                values[index] = value?.ToString() ?? "";
        }
        return values;
    }

    private sealed class Series
    {
        public double Value { get; set; }

        public long[]? Counts { get; init; }

        public bool Observed { get; set; }
    }

    private sealed class LabelComparer : IEqualityComparer<string[]>
    {
        public static readonly LabelComparer Instance = new();

        public bool Equals(string[]? x, string[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(string[] obj)
        {
            var hash = new HashCode();
            foreach (var value in obj)
                hash.Add(value);
            return hash.ToHashCode();
        }

        public static int Compare(IReadOnlyList<string> left, IReadOnlyList<string> right) =>
            left.Zip(right, string.CompareOrdinal).FirstOrDefault(order => order != 0);
    }
}
