using System.Diagnostics.Metrics;

namespace RolloutController.Kubernetes;

/// <summary>What the informers count and show.</summary>
internal static class InformerInstruments
{
    /// <summary>Lists after the first, by kind and reason.</summary>
    public static readonly Counter<long> Relists =
        KubernetesInstruments.Meter.CreateCounter<long>("informer_relists_total", description: "Lists after the first one.");

    /// <summary>Watches that were taken up again without a list, by kind and reason.</summary>
    public static readonly Counter<long> WatchRestarts =
        KubernetesInstruments.Meter.CreateCounter<long>("informer_watch_restarts_total", description: "Watches taken up again without a list.");

    /// <summary>The informers that run.</summary>
    public static readonly Observed<IInformer> Running = new();

    static InformerInstruments()
    {
        KubernetesInstruments.Meter.CreateObservableGauge(
            "informer_objects",
            () => ByKind().Select(kind => new Measurement<int>(kind.Sum(informer => informer.Count), Tag(kind.Key))),
            description: "Objects in the cache.");
        KubernetesInstruments.Meter.CreateObservableGauge(
            "informer_last_event_timestamp_seconds",
            () => ByKind().Select(kind => new Measurement<double>(kind.Min(informer => informer.LastEventAt).ToUnixTimeMilliseconds() / 1000.0, Tag(kind.Key))),
            unit: "s",
            description: "When the API was last heard of, bookmarks included.");
    }

    // Objects that are watched one by one share a kind, and a series must not come twice.
    private static IEnumerable<IGrouping<string, IInformer>> ByKind() => Running.Items.GroupBy(informer => informer.Plural);

    /// <summary>The label that every instrument of an informer has.</summary>
    public static KeyValuePair<string, object?> Tag(string plural) => new("kind", plural);
}
