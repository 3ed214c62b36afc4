using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Control;
using static RolloutController.Hosting.Metrics.MetricType;

namespace RolloutController.Hosting.Metrics;

/// <summary>
/// Which instruments are shown, and how. An instrument that is not here is not shown: names, labels and buckets are promises to
/// dashboards and alerts, and are made here and nowhere else. Where controller-runtime and client-go have a metric, its name is theirs.
/// https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/controller/metrics/metrics.go
/// </summary>
internal static class MetricTable
{
    public const string KubernetesMeter = "RolloutController.Kubernetes";
    public const string ControlMeter = "RolloutController.Control";
    public const string AnalysisMeter = "RolloutController.Analysis";
    public const string NotificationsMeter = "RolloutController.Notifications";

    // One series for each Rollout (and phase) that exists, shown anew at each scrape: bounded by the cluster, not by what is put into a label.
    private const int MaxSeriesOfObjects = 100_000;

    private static readonly double[] RequestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    private static readonly double[] QueueSeconds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];

    // A rollout without steps takes seconds, one with holds, windows or people days.
    private static readonly double[] RolloutSeconds = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800];
    private static readonly double[] RollbackSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    private static readonly MetricDefinition[] Kubernetes =
    [
        new("rest_client_requests_total", Counter, "Requests to the Kubernetes API, by status code, method and kind.", "code", "method", "kind"),
        Seconds("rest_client_request_duration_seconds", "How long requests to the Kubernetes API took.", RequestSeconds, "verb"),
        new("informer_relists_total", Counter, "How often a kind was listed anew, by reason.", "kind", "reason"),
        new("informer_watch_restarts_total", Counter, "How often a watch was started again, by reason.", "kind", "reason"),
        new("informer_objects", Gauge, "Objects in the cache.", "kind"),
        new("informer_last_event_timestamp_seconds", Gauge, "When a watch last said something, bookmarks included, in seconds since 1970.", "kind") { Unit = "seconds" },
        new("watch_decode_errors_total", Counter, "Watch events that could not be read.", "kind"),
        new("workqueue_depth", Gauge, "Keys that wait in the work queue, by priority.", "name", "controller", "priority"),
        new("workqueue_adds_total", Counter, "Keys added to the work queue.", "name", "controller"),
        new("workqueue_retries_total", Counter, "Keys added again after a failure.", "name", "controller"),
        Seconds("workqueue_queue_duration_seconds", "How long keys waited in the work queue.", QueueSeconds, "name", "controller"),
        Seconds("workqueue_work_duration_seconds", "How long the work on keys took.", QueueSeconds, "name", "controller"),
        new("workqueue_unfinished_work_seconds", Gauge, "How long the keys in work have been in it, all together; it grows when a worker is stuck.", "name", "controller") { Unit = "seconds" },
        new("workqueue_longest_running_processor_seconds", Gauge, "How long the oldest key in work has been in it.", "name", "controller") { Unit = "seconds" },
        new("leader_election_master_status", Gauge, "Whether this replica is the leader (1) or not (0).", "name"),
        new("events_dropped_total", Counter, "Kubernetes events that were not sent, by reason.", "reason"),
    ];

    private static readonly MetricDefinition[] Control =
    [
        new("controller_runtime_reconcile_total", Counter, "Passes over an object, by result.", "controller", "result")
        {
            Known = [.. ControlInstruments.Results.Select(result => new[] { ControlInstruments.Controller, result })],
        },
        Seconds("controller_runtime_reconcile_time_seconds", "How long passes over an object took.", RequestSeconds, "controller"),
        new("rollout_status_phase", Gauge, "The phase of a Rollout: 1 for the one that it is in, 0 for the others.", "namespace", "name", "phase") { MaxSeries = MaxSeriesOfObjects },
        new("rollout_traffic_weight_percent", Gauge, "The share of the traffic that goes to the canary.", "namespace", "name") { Unit = "percent", MaxSeries = MaxSeriesOfObjects },
        new("rollout_step_index", Gauge, "The step that a Rollout is at, from 0.", "namespace", "name") { MaxSeries = MaxSeriesOfObjects },
        new("rollout_info", Gauge, "Always 1; the labels say what makes the split, where the pods come from, and what is analysed.", "namespace", "name", "split", "workload", "analysis") { MaxSeries = MaxSeriesOfObjects },
        new("rollout_stalled", Gauge, "Whether a Rollout waits for a person (1) or not (0).", "namespace", "name") { MaxSeries = MaxSeriesOfObjects },
        new("rollout_replicas", Gauge, "Pods of a Rollout: desired, current, ready, available, and those of the canary.", "namespace", "name", "state") { MaxSeries = MaxSeriesOfObjects },
        new("rollout_started_timestamp_seconds", Gauge, "When the rollout under way set out, in seconds since 1970; not there at rest.", "namespace", "name") { Unit = "seconds", MaxSeries = MaxSeriesOfObjects },
        new("rollout_last_rollback_timestamp_seconds", Gauge, "When the last rollback was decided, in seconds since 1970; not there where there was none.", "namespace", "name") { Unit = "seconds", MaxSeries = MaxSeriesOfObjects },
        Seconds("rollout_duration_seconds", "How long rollouts took from setting out to their end, by outcome.", RolloutSeconds, "outcome") with { Known = Names<RevisionOutcome>() },
        Seconds("rollout_stage_duration_seconds", "How long the stages of steps took, by stage and outcome.", RolloutSeconds, "stage", "outcome"),
        Seconds("rollout_rollback_duration_seconds", "How long rollbacks took from the decision until all traffic was back, by cause.", RollbackSeconds, "cause") with { Known = Names<RollbackCause>() },
        new("rollout_rollbacks_total", Counter, "Rollbacks, by reason.", "reason") { Known = Each(RollbackReasons.All) },
        new("rollout_promotions_total", Counter, "New versions that got all traffic."),
        new("rollout_verdicts_total", Counter, "Verdicts of the analysis, by class.", "class") { Known = Names<DataClass>() },
    ];

    private static readonly MetricDefinition[] Analysis =
    [
        Seconds("metric_query_duration_seconds", "How long queries to a metric provider took, by result.", RequestSeconds, "provider", "result"),
    ];

    private static readonly MetricDefinition[] Notifications =
    [
        new("rollout_notifications_total", Counter, "Notifications, by sink and by what became of them: sent, failed or dropped.", "sink", "outcome"),
    ];

    /// <summary>All of them, each with the meter that its instrument belongs to.</summary>
    public static IEnumerable<(string Meter, MetricDefinition Definition)> All =>
    [
        .. Kubernetes.Select(definition => (KubernetesMeter, definition)),
        .. Control.Select(definition => (ControlMeter, definition)),
        .. Analysis.Select(definition => (AnalysisMeter, definition)),
        .. Notifications.Select(definition => (NotificationsMeter, definition)),
    ];

    private static string[][] Names<T>()
        where T : struct, Enum => Each(Enum.GetNames<T>());

    private static string[][] Each(IEnumerable<string> values) => [.. values.Select(value => new[] { value })];

    private static MetricDefinition Seconds(string name, string help, double[] buckets, params string[] labels) =>
        new(name, Histogram, help, labels) { Unit = "seconds", Buckets = buckets };
}
