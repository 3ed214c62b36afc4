using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using RolloutController.Kubernetes;

namespace RolloutController.Tests.Kubernetes;

/// <summary>Records what a meter measures while a test runs.</summary>
internal sealed class MetricRecorder : IDisposable
{
    private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _measured = new();
    private readonly MeterListener _listener = new();

    public MetricRecorder(string meter = KubernetesInstruments.MeterName)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    /// <summary>What an instrument measured with these tags, in order; the tags as <c>name=value,…</c>.</summary>
    public IReadOnlyList<double> Of(string name, string tags) =>
        [.. _measured.Where(measured => measured.Name == name && measured.Tags == tags).Select(measured => measured.Value)];

    /// <summary>What a gauge shows now; null when it shows nothing.</summary>
    public double? Gauge(string name, string tags)
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        return Of(name, tags) is [.., var last] ? last : null;
    }

    public void Dispose() => _listener.Dispose();

    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Enqueue((name, value, string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
}
