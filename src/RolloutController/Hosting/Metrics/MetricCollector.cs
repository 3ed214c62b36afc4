using System.Diagnostics.Metrics;
using System.Numerics;

namespace RolloutController.Hosting.Metrics;

/// <summary>Listens to the instruments of <see cref="MetricTable"/> from its construction on, and says at any moment what they measured.</summary>
internal sealed class MetricCollector : IDisposable
{
    private static readonly MetricDefinition SeriesDropped = new(
        "rollout_metrics_series_dropped_total", MetricType.Counter, "Measurements left out because their metric has too many series.", "metric");

    private static readonly MetricDefinition CollectionErrors = new(
        "rollout_metrics_collection_errors_total", MetricType.Counter, "Scrapes in which an instrument failed to say its values.");

    /// <summary>What a collector says of itself.</summary>
    public static IReadOnlyList<MetricDefinition> Definitions { get; } = [SeriesDropped, CollectionErrors];

    private readonly Lock _scrape = new();
    private readonly MeterListener _listener;
    private readonly (string Meter, MetricFamily Family)[] _families;
    private long _collectionErrors;

    public MetricCollector(IEnumerable<(string Meter, MetricDefinition Definition)> table)
    {
        _families = [.. table.Select(entry => (entry.Meter, new MetricFamily(entry.Definition)))];
        _listener = new MeterListener { InstrumentPublished = Subscribe };
        Listen<byte>();
        Listen<short>();
        Listen<int>();
        Listen<long>();
        Listen<float>();
        Listen<double>();
        Listen<decimal>();
        _listener.Start();
    }

    private delegate void Recorder(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <summary>All metrics that have a series now.</summary>
    public IReadOnlyList<MetricSnapshot> Collect()
    {
        lock (_scrape)
        {
            foreach (var (_, family) in _families)
                family.Forget();
            try
            {
                _listener.RecordObservableInstruments();
            }
            catch (AggregateException)
            {
                // The others were asked all the same, and a scrape is no place to fail for one of them.
                _collectionErrors++;
            }
            var families = _families.Select(entry => entry.Family).ToArray();
            MetricSnapshot[] all = [.. families.Select(family => family.Snapshot()), DroppedBy(families), MetricSnapshot.Of(CollectionErrors, _collectionErrors)];
            return [.. all.Where(metric => metric.Series.Count > 0)];
        }
    }

    public void Dispose() => _listener.Dispose();

    private static MetricSnapshot DroppedBy(IEnumerable<MetricFamily> families) =>
        new(SeriesDropped, [.. families.Where(family => family.Dropped > 0).Select(family => new SeriesSnapshot([family.Definition.Name], family.Dropped))]);

    private void Subscribe(Instrument instrument, MeterListener listener)
    {
        var (_, family) = _families.FirstOrDefault(entry => entry.Meter == instrument.Meter.Name && entry.Family.Definition.Name == instrument.Name);
        if (family is null || RecorderOf(instrument, family) is not { } recorder)
            return;
        family.Start();
        listener.EnableMeasurementEvents(instrument, recorder);
    }

    private void Listen<T>()
        where T : struct, INumber<T> =>
        _listener.SetMeasurementEventCallback<T>(static (_, value, tags, recorder) => ((Recorder)recorder!)(double.CreateChecked(value), tags));

    // Null where the instrument is of another type than the table says: showing it would be worse than not.
    private static Recorder? RecorderOf(Instrument instrument, MetricFamily family)
    {
        var shape = instrument.GetType().GetGenericTypeDefinition();
        return family.Definition.Type switch
        {
            MetricType.Counter when shape == typeof(Counter<>) => family.Add,
            MetricType.Counter when shape == typeof(ObservableCounter<>) => family.SetObserved,
            MetricType.Gauge when shape == typeof(UpDownCounter<>) => family.Add,
            MetricType.Gauge when shape == typeof(Gauge<>) => family.Set,
            MetricType.Gauge when shape == typeof(ObservableGauge<>) || shape == typeof(ObservableUpDownCounter<>) => family.SetObserved,
            MetricType.Histogram when shape == typeof(Histogram<>) => family.Observe,
            _ => null,
        };
    }
}
