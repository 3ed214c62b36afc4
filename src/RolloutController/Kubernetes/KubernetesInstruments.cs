using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace RolloutController.Kubernetes;

/// <summary>The meter of this room and the things that its gauges look at.</summary>
internal static class KubernetesInstruments
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "RolloutController.Kubernetes";

    /// <summary>The meter.</summary>
    public static readonly Meter Meter = new(MeterName);
}

/// <summary>
/// What an observable instrument looks at. An instrument lives as long as its meter, so it must not hold on to what it measures:
/// things enter while they run and leave when they end.
/// </summary>
internal sealed class Observed<T>
    where T : class
{
    private readonly ConcurrentDictionary<T, byte> _items = new(ReferenceEqualityComparer.Instance);

    /// <summary>What is there now.</summary>
    public ICollection<T> Items => _items.Keys;

    /// <summary>Lets a thing in.</summary>
    public void Add(T item) => _items.TryAdd(item, 0);

    /// <summary>Lets a thing go.</summary>
    public void Remove(T item) => _items.TryRemove(item, out _);
}
