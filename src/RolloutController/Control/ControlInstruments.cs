using System.Diagnostics.Metrics;
using RolloutController.Analysis;
using RolloutController.Api;
using RolloutController.Planning;

namespace RolloutController.Control;

/// <summary>What the controller counts of its own work. Series of single Rollouts are read from the caches at each scrape, so none outlives its object.</summary>
internal static class ControlInstruments
{
    /// <summary>The meter's name.</summary>
    public const string Name = "RolloutController.Control";

    /// <summary>What the metrics call the work on Rollouts.</summary>
    public const string Controller = "rollout";

    /// <summary>How a pass can end; requeue is one that another's write overtook.</summary>
    public static readonly IReadOnlyList<string> Results = ["success", "requeue_after", "requeue", "error"];

    private static readonly Meter Meter = new(Name);
    private static readonly Counter<long> Reconciles = Meter.CreateCounter<long>("controller_runtime_reconcile_total");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("controller_runtime_reconcile_time_seconds");
    private static readonly Counter<long> Rollbacks = Meter.CreateCounter<long>("rollout_rollbacks_total");
    private static readonly Counter<long> Promotions = Meter.CreateCounter<long>("rollout_promotions_total");
    private static readonly Counter<long> Verdicts = Meter.CreateCounter<long>("rollout_verdicts_total");

    /// <summary>How long rollouts took. Made with the others, so that their series begin before the first of them ends.</summary>
    internal static readonly Histogram<double> RolloutDurations = Meter.CreateHistogram<double>("rollout_duration_seconds");

    /// <summary>How long the stages of steps took.</summary>
    internal static readonly Histogram<double> StageDurations = Meter.CreateHistogram<double>("rollout_stage_duration_seconds");

    /// <summary>How long rollbacks took.</summary>
    internal static readonly Histogram<double> RollbackDurations = Meter.CreateHistogram<double>("rollout_rollback_duration_seconds");

    /// <summary>The caches that Rollouts are read from.</summary>
    public static readonly Kubernetes.Observed<Caches> Running = new();

    static ControlInstruments()
    {
        Meter.CreateObservableGauge("rollout_status_phase", Phases);
        Meter.CreateObservableGauge("rollout_traffic_weight_percent", () => Each(rollout => rollout.Status.Weight));
        Meter.CreateObservableGauge("rollout_step_index", () => Each(rollout => rollout.Status.StepIndex));
        Meter.CreateObservableGauge("rollout_info", Infos);
        Meter.CreateObservableGauge("rollout_stalled", () => Each(rollout => rollout.Status.Conditions.Any(condition => condition is { Type: "Stalled", Status: "True" }) ? 1 : 0));
        Meter.CreateObservableGauge("rollout_replicas", Replicas);
        Meter.CreateObservableGauge("rollout_started_timestamp_seconds", () => Moments(rollout => DurationInstruments.StartedAt(rollout.Status)));
        Meter.CreateObservableGauge("rollout_last_rollback_timestamp_seconds", () => Moments(rollout => rollout.Status.LastRollback?.Time));
    }

    /// <summary>Counts a pass.</summary>
    /// <param name="result">One of <see cref="Results"/>.</param>
    /// <param name="elapsed">How long it took.</param>
    public static void Reconciled(string result, TimeSpan elapsed)
    {
        Reconciles.Add(1, new("controller", Controller), new("result", result));
        Durations.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("controller", Controller));
    }

    /// <summary>Counts a look at the metrics by what it brought.</summary>
    public static void Looked(DataClass found) => Verdicts.Add(1, new KeyValuePair<string, object?>("class", found.ToString()));

    /// <summary>Counts what a plan decided.</summary>
    /// <param name="before">The Rollout before it.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="now">When it was made.</param>
    public static void Decided(RolloutObject before, Plan plan, DateTimeOffset now)
    {
        DurationInstruments.Decided(before.Status, plan.Status, now);
        if (plan.Status.LastRollback is { } rollback && rollback != before.Status.LastRollback)
            Rollbacks.Add(1, new KeyValuePair<string, object?>("reason", rollback.Reason));
        if (plan.Status.State is Promoting && before.Status.State is not Promoting)
            Promotions.Add(1);
    }

    private static IEnumerable<Measurement<int>> Phases() => Rollouts().SelectMany(rollout => Enum.GetValues<Phase>().Select(phase =>
        new Measurement<int>(rollout.Status.Phase == phase ? 1 : 0, [.. Labels(rollout), new("phase", phase.ToString())])));

    private static IEnumerable<Measurement<int>> Infos() => Rollouts().Select(rollout => new Measurement<int>(1, [
        .. Labels(rollout),
        new("split", rollout.Spec.Traffic is { Routes.Count: > 0 } ? "routes" : "pods"),
        new("workload", rollout.Spec.WorkloadRef is null ? "template" : "deployment"),
        new("analysis", rollout.Spec.Analysis switch
        {
            { ErrorRate: not null } => "error_rate",
            { Checks.Count: > 0 } => "checks",
            _ => "none",
        })]));

    private static IEnumerable<Measurement<int>> Replicas() => Rollouts().SelectMany(rollout => new (string State, int Count)[]
    {
        ("desired", rollout.Spec.Replicas ?? 0),
        ("current", rollout.Status.Replicas),
        ("ready", rollout.Status.ReadyReplicas),
        ("available", rollout.Status.AvailableReplicas),
        ("canary", rollout.Status.CanaryReplicas),
    }.Select(pods => new Measurement<int>(pods.Count, [.. Labels(rollout), new("state", pods.State)])));

    private static IEnumerable<Measurement<double>> Moments(Func<RolloutObject, DateTimeOffset?> moment) =>
        from rollout in Rollouts()
        let at = moment(rollout)
        where at is not null
        select new Measurement<double>((at.Value - DateTimeOffset.UnixEpoch).TotalSeconds, Labels(rollout));

    private static IEnumerable<Measurement<int>> Each(Func<RolloutObject, int> value) =>
        Rollouts().Select(rollout => new Measurement<int>(value(rollout), Labels(rollout)));

    private static IEnumerable<RolloutObject> Rollouts() => Running.Items.SelectMany(caches => caches.Rollouts.List());

    private static KeyValuePair<string, object?>[] Labels(RolloutObject rollout) =>
        [new("namespace", rollout.Metadata.Namespace), new("name", rollout.Metadata.Name)];
}
