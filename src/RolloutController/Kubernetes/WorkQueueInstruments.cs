using System.Diagnostics.Metrics;

namespace RolloutController.Kubernetes;

/// <summary>What a work queue shows of itself.</summary>
internal interface IObservedQueue
{
    string Name { get; }

    int Depth(Priority priority);

    /// <summary>For how long each key that is being worked on has been.</summary>
    IReadOnlyList<TimeSpan> WorkInProgress();
}

/// <summary>The instruments of the work queues, under client-go's names: dashboards and alerts for them exist.</summary>
internal static class WorkQueueInstruments
{
    public static readonly Counter<long> Adds =
        KubernetesInstruments.Meter.CreateCounter<long>("workqueue_adds_total", description: "Keys taken into the queue.");

    public static readonly Counter<long> Retries =
        KubernetesInstruments.Meter.CreateCounter<long>("workqueue_retries_total", description: "Keys added again after a failure.");

    public static readonly Histogram<double> QueueDuration = Duration("workqueue_queue_duration_seconds", "How long keys wait in the queue.");

    public static readonly Histogram<double> WorkDuration = Duration("workqueue_work_duration_seconds", "How long keys are worked on.");

    /// <summary>The queues that are open.</summary>
    public static readonly Observed<IObservedQueue> Open = new();

    static WorkQueueInstruments()
    {
        KubernetesInstruments.Meter.CreateObservableGauge("workqueue_depth", Depths, description: "Keys waiting in the queue.");
        KubernetesInstruments.Meter.CreateObservableGauge(
            "workqueue_unfinished_work_seconds",
            () => Open.Items.Select(queue => new Measurement<double>(queue.WorkInProgress().Sum(time => time.TotalSeconds), Tags(queue.Name))),
            unit: "s",
            description: "For how long the keys in work have been, all together; it grows when a worker is stuck.");
        KubernetesInstruments.Meter.CreateObservableGauge(
            "workqueue_longest_running_processor_seconds",
            () => Open.Items.Select(queue => new Measurement<double>(queue.WorkInProgress().Select(time => time.TotalSeconds).DefaultIfEmpty().Max(), Tags(queue.Name))),
            unit: "s",
            description: "For how long the oldest key in work has been.");
    }

    public static KeyValuePair<string, object?>[] Tags(string name) => [new("name", name), new("controller", name)];

    private static IEnumerable<Measurement<int>> Depths() =>
        from queue in Open.Items
        from priority in Enum.GetValues<Priority>()
        select new Measurement<int>(queue.Depth(priority), [.. Tags(queue.Name), new("priority", priority == Priority.Urgent ? "urgent" : "normal")]);

    // The buckets of client-go: 10 ns to 1,000 s, each ten times the one before.
    private static Histogram<double> Duration(string name, string description) =>
        KubernetesInstruments.Meter.CreateHistogram(
            name,
            unit: "s",
            description,
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000] });
}
