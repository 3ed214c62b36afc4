namespace RolloutController.Hosting.Metrics;

/// <summary>The types of metrics that both formats know.</summary>
internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A metric as it is shown: everything about it but its values.</summary>
/// <param name="Name">The name of the instrument and of the samples; a counter's ends in <c>_total</c>.</param>
/// <param name="Type">The type.</param>
/// <param name="Help">What it counts or measures, a sentence.</param>
/// <param name="Labels">The names of the labels; an instrument's other tags are left out.</param>
internal sealed record MetricDefinition(string Name, MetricType Type, string Help, params string[] Labels)
{
    /// <summary>
    /// The most series whose label values come from code and from answers: beyond it something puts data into a label, and series
    /// that are new are dropped and counted.
    /// </summary>
    public const int DefaultMaxSeries = 2000;

    private const string Total = "_total";

    /// <summary>The most series.</summary>
    public int MaxSeries { get; init; } = DefaultMaxSeries;

    /// <summary>The unit that the name ends in (before <c>_total</c>); null for a mere number.</summary>
    public string? Unit { get; init; }

    /// <summary>
    /// Label values, in the order of the labels, whose series is there from the start: one that appears with its first observation hides that from
    /// <c>rate</c>.
    /// </summary>
    public IReadOnlyList<string[]> Known { get; init; } = [];

    /// <summary>The upper bounds of a histogram's buckets, ascending, without infinity.</summary>
    public double[] Buckets { get; init; } = [];

    /// <summary>The name of the family in OpenMetrics, which is without <c>_total</c>.</summary>
    public string Family => Type == MetricType.Counter ? Name[..^Total.Length] : Name;
}

/// <summary>A metric with its values at one moment.</summary>
/// <param name="Definition">What it is.</param>
/// <param name="Series">Its series, each with other label values.</param>
internal sealed record MetricSnapshot(MetricDefinition Definition, IReadOnlyList<SeriesSnapshot> Series)
{
    /// <summary>A metric of one series without labels.</summary>
    public static MetricSnapshot Of(MetricDefinition definition, double value) => new(definition, [new SeriesSnapshot([], value)]);
}

/// <summary>One series at one moment.</summary>
/// <param name="Labels">The label values, in the order of the definition.</param>
/// <param name="Value">The value; a histogram's sum.</param>
/// <param name="Counts">A histogram's observations for each bucket, the last one that of infinity; not cumulated.</param>
internal sealed record SeriesSnapshot(IReadOnlyList<string> Labels, double Value, IReadOnlyList<long>? Counts = null);
